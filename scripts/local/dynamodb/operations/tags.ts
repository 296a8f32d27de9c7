import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import type { DynamoDbContext } from "../dynamodb-context.ts";
import { parseInput } from "../parse-input.ts";
import type { Table } from "../table.ts";

export const tagsField = z.array(z.object({ Key: z.string().min(1).max(128), Value: z.string().max(256) }));

const resource = { ResourceArn: z.string().min(1).max(1283) };
const tagSchema = z.object({ ...resource, Tags: tagsField.min(1) });
const untagSchema = z.object({ ...resource, TagKeys: z.array(z.string()).min(1) });
const listSchema = z.object(resource);

export function tagResource(context: DynamoDbContext, input: unknown): object {
  const { ResourceArn, Tags } = parseInput(tagSchema, input);
  const { tags } = findTableByArn(context, ResourceArn);
  for (const { Key, Value } of Tags) tags.set(Key, Value);
  return {};
}

export function untagResource(context: DynamoDbContext, input: unknown): object {
  const { ResourceArn, TagKeys } = parseInput(untagSchema, input);
  const { tags } = findTableByArn(context, ResourceArn);
  for (const key of TagKeys) tags.delete(key);
  return {};
}

export function listTagsOfResource(context: DynamoDbContext, input: unknown): object {
  const { ResourceArn } = parseInput(listSchema, input);
  const { tags } = findTableByArn(context, ResourceArn);
  return { Tags: Array.from(tags, ([Key, Value]) => ({ Key, Value })) };
}

function findTableByArn(context: DynamoDbContext, arn: string): Table {
  const table = context.tables.get(arn.slice(arn.lastIndexOf("/") + 1));
  if (table?.definition.arn === arn) return table;
  // The missing letter is DynamoDB's.
  throw new AwsError(
    "ResourceNotFoundException",
    `Requested resource not found: ResourcArn: ${arn} not found`,
  );
}
