import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { parseItem } from "./attribute-value.ts";
import { invalid } from "./errors.ts";
import {
  attributesField,
  placeholderFields,
  returnConsumedCapacityField,
  tableNameField,
} from "./parse-input.ts";
import { type ItemKey, keyOf, type Table } from "./table.ts";

/** What a query and a scan both take. */
export const pageFields = {
  TableName: tableNameField,
  IndexName: z.string().optional(),
  Select: z.enum(["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"]).optional(),
  Limit: z.number().int().min(1).optional(),
  ExclusiveStartKey: attributesField.optional(),
  ConsistentRead: z.boolean().optional(),
  FilterExpression: z.string().optional(),
  ProjectionExpression: z.string().optional(),
  ...placeholderFields,
  ReturnConsumedCapacity: returnConsumedCapacityField,
} as const;

/**
 * @returns the key that the page before ended with; undefined for the first page.
 * @throws {AwsError} `ValidationException`.
 */
export function startKeyOf(
  table: Table,
  { ExclusiveStartKey: raw }: { readonly ExclusiveStartKey?: unknown },
): ItemKey | undefined {
  if (raw === undefined) return undefined;
  try {
    return keyOf(table, parseItem(raw));
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ValidationException") throw error;
    throw invalid(`The provided starting key is invalid: ${error.message}`);
  }
}

/** @throws {AwsError} `ValidationException` for an attribute selection that contradicts the rest of the request. */
export function refuseSelect(request: {
  readonly Select?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
}): void {
  const { Select, ProjectionExpression } = request;
  if (Select === "ALL_PROJECTED_ATTRIBUTES") {
    throw invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  }
  if (Select === "SPECIFIC_ATTRIBUTES" && ProjectionExpression === undefined) {
    throw invalid(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    );
  }
  if (ProjectionExpression === undefined || Select === undefined || Select === "SPECIFIC_ATTRIBUTES") return;
  throw invalid(`Cannot specify the ProjectionExpression when choosing to get ${Select}`);
}

/** @throws {AwsError} `ValidationException`: indexes are described, but nothing is kept in them. */
export function refuseIndex(table: Table, { IndexName }: { readonly IndexName?: string | undefined }): void {
  if (IndexName === undefined) return;
  const { globalIndexes, localIndexes, name } = table.definition;
  if ([...globalIndexes, ...localIndexes].some((index) => index.IndexName === IndexName)) {
    throw invalid(
      `the embedded DynamoDB keeps nothing in index ${IndexName} of table ${name}; read the table by its own key`,
    );
  }
  throw invalid(`The table does not have the specified index: ${IndexName}`);
}
