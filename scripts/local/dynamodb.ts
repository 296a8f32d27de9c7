import type { IncomingMessage, ServerResponse } from "node:http";
import dynalite from "dynalite";
import { AwsError } from "./aws-error.ts";
import { answerError } from "./error-answer.ts";
import { readBody, replayRequest } from "./request-body.ts";
import type { LocalService } from "./service.ts";
import { readServiceCall } from "./service-call.ts";

/**
 * DynamoDB in memory: dynalite, driven in this process without a port of its own.
 *
 * Not as in AWS: no transactions, streams, PartiQL, backups; `ReturnValuesOnConditionCheckFailure` brings no item;
 * time to live is recorded and described, but nothing expires (AWS takes up to days, so readers must check anyway).
 */
export function createDynamoDb(): LocalService {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const timeToLiveAttributes = new Map<string, string>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = readServiceCall(request)?.operation ?? "Other";
    if (!servedOperations.has(operation)) return refuse(request, response, operation);
    // dynalite throws out of its own listener, and so ends the process, when a caller dies amid its request, as
    // functions that time out do. It only ever sees requests that have arrived whole.
    const body = await readBody(request, maxBodyBytes);
    if (!watchedOperations.has(operation)) return passOn(request, response, body);
    const input = parseTableInput(body);
    const known = input.TableName === undefined ? undefined : timeToLiveAttributes.get(input.TableName);
    if (operation === "UpdateTimeToLive" && input.TableName !== undefined && input.TimeToLiveSpecification) {
      const { AttributeName, Enabled } = input.TimeToLiveSpecification;
      if (Enabled === true && AttributeName !== undefined)
        timeToLiveAttributes.set(input.TableName, AttributeName);
      else timeToLiveAttributes.delete(input.TableName);
      return answer(response, { TimeToLiveSpecification: input.TimeToLiveSpecification });
    }
    if (operation === "DescribeTimeToLive" && known !== undefined) {
      return answer(response, {
        TimeToLiveDescription: { AttributeName: known, TimeToLiveStatus: "ENABLED" },
      });
    }
    if (operation === "DeleteTable" && input.TableName !== undefined)
      timeToLiveAttributes.delete(input.TableName);
    passOn(request, response, body);
  }

  function passOn(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    server.emit("request", replayRequest(request, body), response);
  }

  return {
    signingNames: ["dynamodb"],
    handle,
    // The server never listened, and its `close` then reports just that; the store is memory and goes with it.
    close: async () => {
      timeToLiveAttributes.clear();
    },
  };
}

/** DynamoDB's own limit on a request. */
const maxBodyBytes = 16 * 1024 * 1024;

/** What needs a look at the body before, or instead of, dynalite. */
const watchedOperations: ReadonlySet<string> = new Set([
  "DeleteTable",
  "DescribeTimeToLive",
  "UpdateTimeToLive",
]);

const servedOperations: ReadonlySet<string> = new Set([
  ...["BatchGetItem", "BatchWriteItem", "CreateTable", "DeleteItem", "DeleteTable", "DescribeTable"],
  ...["DescribeTimeToLive", "GetItem", "ListTables", "ListTagsOfResource", "PutItem", "Query", "Scan"],
  ...["TagResource", "UntagResource", "UpdateItem", "UpdateTable", "UpdateTimeToLive"],
]);

interface TableInput {
  readonly TableName?: string;
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled?: boolean };
}

function parseTableInput(body: Buffer): TableInput {
  try {
    const input: unknown = JSON.parse(body.toString());
    return typeof input === "object" && input !== null ? input : {};
  } catch {
    // dynalite answers what is no JSON with DynamoDB's own SerializationException.
    return {};
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, operation: string): void {
  request.resume();
  const message = `the embedded DynamoDB has no ${operation}; it has ${[...servedOperations].sort().join(", ")}`;
  const error = new AwsError("UnknownOperationException", message);
  answerError(request, response, { error, service: "dynamodb" });
}

function answer(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/x-amz-json-1.0");
  response.end(JSON.stringify(body));
}
