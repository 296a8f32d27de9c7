import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamFields } from "../parse-input.ts";

/** Most tags of one stream. @see AddTagsToStream in the Kinesis API reference */
export const maxTagCount = 50;

export const tagsField = z.record(z.string().min(1).max(128), z.string().max(256));

export function addTagsToStream(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(addTagsSchema, input);
  const stream = findStream(context, request);
  checkTagCount(new Map([...stream.tags, ...Object.entries(request.Tags)]));
  for (const [key, value] of Object.entries(request.Tags)) stream.tags.set(key, value);
}

const addTagsSchema = z.object({ ...streamFields, Tags: tagsField });

export function listTagsForStream(context: KinesisContext, input: unknown): object {
  const request = parseInput(listTagsSchema, input);
  const { ExclusiveStartTagKey: after, Limit: limit } = request;
  const tags = [...findStream(context, request).tags]
    .map(([Key, Value]) => ({ Key, Value }))
    .filter((tag) => after === undefined || tag.Key > after)
    .sort((a, b) => (a.Key < b.Key ? -1 : 1));
  return { Tags: tags.slice(0, limit), HasMoreTags: tags.length > limit };
}

const listTagsSchema = z.object({
  ...streamFields,
  ExclusiveStartTagKey: z.string().min(1).max(128).optional(),
  Limit: z.int().min(1).max(maxTagCount).default(maxTagCount),
});

/** @throws {AwsError} `InvalidArgumentException` when a stream would have more than 50 tags. */
export function checkTagCount(tags: ReadonlyMap<string, string>): void {
  if (tags.size <= maxTagCount) return;
  throw new AwsError(
    "InvalidArgumentException",
    `${tags.size} tags given; a stream can have at most ${maxTagCount}`,
  );
}
