import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { fromWire } from "./attribute-wire.ts";
import { isAwsError } from "./aws-errors.ts";
import type { HttpAnswer } from "./http-sender.ts";
import { type ErrorBody, type JsonError, jsonError, parseErrorBody } from "./json-error.ts";

type Item = Record<string, AttributeValue>;

/** What DynamoDB answered instead of a result. */
export interface TableError extends JsonError {
  /** The item as it stands, where a condition failed and it was asked for. */
  readonly Item: Item | undefined;
}

export function tableError(answer: HttpAnswer): TableError {
  const body: ErrorBody & { readonly Item?: Item } = parseErrorBody(answer.text);
  return Object.assign(jsonError("DynamoDB", answer, body), { Item: body.Item && fromWire(body.Item) });
}

/** Whether the condition of a write was not met. */
export function isConditionFailed(error: unknown): error is TableError {
  return isAwsError(error, "ConditionalCheckFailedException");
}
