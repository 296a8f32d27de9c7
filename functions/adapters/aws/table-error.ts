import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { fromWire } from "./attribute-wire.ts";
import { isAwsError } from "./aws-errors.ts";
import type { HttpAnswer } from "./http-sender.ts";

type Item = Record<string, AttributeValue>;

/** What DynamoDB answered instead of a result: its own name of the error, and the status, as the SDK's errors have them. */
export interface TableError extends Error {
  readonly $metadata: {
    readonly httpStatusCode: number;
    readonly requestId: string | undefined;
    /** Times the request was sent: an earlier one may have been carried out. */
    readonly attempts: number;
  };
  /** The item as it stands, where a condition failed and it was asked for. */
  readonly Item: Item | undefined;
}

export function tableError({ status, headers, text, sends }: HttpAnswer): TableError {
  const { __type, message, Message, Item } = parse(text);
  const type = __type ?? headers["x-amzn-errortype"];
  const error = new Error(String(message ?? Message ?? `DynamoDB answered ${status}`));
  return Object.assign(error, {
    name: typeof type === "string" ? nameIn(type) : "Unknown",
    $metadata: { httpStatusCode: status, requestId: requestIdIn(headers), attempts: sends },
    Item: Item && fromWire(Item),
  });
}

/** Whether the condition of a write was not met. */
export function isConditionFailed(error: unknown): error is TableError {
  return isAwsError(error, "ConditionalCheckFailedException");
}

interface ErrorBody {
  readonly __type?: unknown;
  readonly message?: unknown;
  readonly Message?: unknown;
  readonly Item?: Item;
}

/** What stands between, such as a proxy, answers no JSON; then the status has to say it. */
function parse(text: string): ErrorBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : {};
  } catch {
    return {};
  }
}

/** `com.amazonaws.dynamodb.v20120810#Name`, in other services' manner `Name:http://…`. */
function nameIn(type: string): string {
  return type.slice(type.indexOf("#") + 1).split(/[:,]/, 1)[0]!;
}

function requestIdIn(headers: HttpAnswer["headers"]): string | undefined {
  const id = headers["x-amzn-requestid"];
  return typeof id === "string" ? id : undefined;
}
