import type { DynamoDbOperation } from "./dynamodb-context.ts";
import { batchGetItem } from "./operations/batch-get-item.ts";
import { batchWriteItem } from "./operations/batch-write-item.ts";
import { createTable } from "./operations/create-table.ts";
import { deleteItem } from "./operations/delete-item.ts";
import { deleteTable } from "./operations/delete-table.ts";
import { describeTable } from "./operations/describe-table.ts";
import { getItem } from "./operations/get-item.ts";
import { listTables } from "./operations/list-tables.ts";
import { putItem } from "./operations/put-item.ts";
import { query } from "./operations/query.ts";
import { scan } from "./operations/scan.ts";
import { listTagsOfResource, tagResource, untagResource } from "./operations/tags.ts";
import { describeTimeToLive, updateTimeToLive } from "./operations/time-to-live.ts";
import { updateItem } from "./operations/update-item.ts";
import { updateTable } from "./operations/update-table.ts";

/** What is implemented, by its name on the wire. */
export const dynamoDbOperations: ReadonlyMap<string, DynamoDbOperation> = new Map<string, DynamoDbOperation>([
  ["BatchGetItem", batchGetItem],
  ["BatchWriteItem", batchWriteItem],
  ["CreateTable", createTable],
  ["DeleteItem", deleteItem],
  ["DeleteTable", deleteTable],
  ["DescribeTable", describeTable],
  ["DescribeTimeToLive", describeTimeToLive],
  ["GetItem", getItem],
  ["ListTables", listTables],
  ["ListTagsOfResource", listTagsOfResource],
  ["PutItem", putItem],
  ["Query", query],
  ["Scan", scan],
  ["TagResource", tagResource],
  ["UntagResource", untagResource],
  ["UpdateItem", updateItem],
  ["UpdateTable", updateTable],
  ["UpdateTimeToLive", updateTimeToLive],
]);
