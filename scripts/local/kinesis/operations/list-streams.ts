import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import type { KinesisContext } from "../kinesis-context.ts";
import { nextTokenField, parseInput, streamNameField } from "../parse-input.ts";
import { streamModeDetails } from "./describe-stream.ts";

export function listStreams(context: KinesisContext, input: unknown): object {
  const {
    Limit: limit,
    ExclusiveStartStreamName: startName,
    NextToken: token,
  } = parseInput(requestSchema, input);
  const after = token === undefined ? startName : nameAfterToken(context, token);
  const streams = [...context.streams.values()]
    .filter((stream) => after === undefined || stream.name > after)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = streams.slice(0, limit);
  const hasMore = streams.length > page.length;
  return {
    StreamNames: page.map((stream) => stream.name),
    HasMoreStreams: hasMore,
    StreamSummaries: page.map((stream) => ({
      StreamName: stream.name,
      StreamARN: stream.arn,
      StreamStatus: "ACTIVE",
      StreamModeDetails: streamModeDetails(stream),
      StreamCreationTimestamp: stream.createdAtMs / 1000,
    })),
    ...(hasMore && { NextToken: context.tokens.seal("streams", [page.at(-1)!.name]) }),
  };
}

const requestSchema = z.object({
  Limit: z.int().min(1).max(10_000).default(100),
  ExclusiveStartStreamName: streamNameField.optional(),
  NextToken: nextTokenField.optional(),
});

function nameAfterToken(context: KinesisContext, token: string): string {
  const name = context.tokens.open("streams", token)?.[0];
  if (typeof name === "string") return name;
  throw new AwsError("InvalidArgumentException", "NextToken is invalid");
}
