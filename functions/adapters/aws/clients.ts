import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { KinesisClient, type KinesisClientConfig } from "@aws-sdk/client-kinesis";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { endpointOverride } from "../env.ts";
import type { AwsAccess } from "./aws-access.ts";
import { createFunctionClient, type FunctionClient } from "./function-client.ts";
import { createHttpSender } from "./http-sender.ts";
import { createObjectClient, type ObjectClient } from "./object-client.ts";
import { createStatesClient, type StatesClient } from "./states-client.ts";
import { createStreamClient, type StreamClient } from "./stream-client.ts";
import { createTableClient, type TableClient } from "./table-client.ts";
import { createTopicClient, type TopicClient } from "./topic-client.ts";

/** Requests that one client has in flight at once; adapters stay below it, or they would wait for a socket. */
export const maxSockets = 64;

/** The adapters retry, since they know what of a batch is left to do; two layers of retries multiply. */
const shared = { maxAttempts: 1 };
const agent = { keepAlive: true, maxSockets };

/** An item answers within milliseconds: one that has not after 3 s is asked for anew. */
const itemTimeoutMs = 3_000;
/** A call of PutRecords carries up to megabytes. */
const streamTimeoutMs = 5_000;
/** Lambda changes a configuration within a second or two. */
const functionTimeoutMs = 10_000;
/** Step Functions starts an execution within a tenth of a second. */
const statesTimeoutMs = 5_000;
/** SNS takes a message within a tenth of a second. */
const topicTimeoutMs = 5_000;
const connectionTimeoutMs = 1_000;
/** DynamoDB answers with up to 16 MiB of items; what JSON makes of those is seldom twice that. */
const maxAnswerBytes = 48 * 1024 * 1024;
/** Kinesis answers with up to 1,000 shards, or 500 records' places: some hundred kilobytes. */
const maxStreamAnswerBytes = 8 * 1024 * 1024;
/** Step Functions answers with an execution's input and output: up to 256 KiB each, written as texts in JSON. */
const maxStatesAnswerBytes = 2 * 1024 * 1024;
/** SNS answers with a message's id. */
const maxTopicAnswerBytes = 64 * 1024;
/** Lambda answers with a function's configuration: some kilobytes. */
const maxFunctionAnswerBytes = 1024 * 1024;

/** Make the SDK's client of DynamoDB, for what the functions' own client cannot do. Functions do not bundle it. */
export function dynamoClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    ...shared,
    requestHandler: httpOptions({ requestTimeout: itemTimeoutMs }),
    ...config,
  });
}

/** Make the functions' client of DynamoDB. */
export function tableClient(access: AwsAccess): TableClient {
  const timeouts = { connectionTimeoutMs, requestTimeoutMs: itemTimeoutMs };
  return createTableClient({ access, sender: createHttpSender({ maxSockets, maxAnswerBytes, ...timeouts }) });
}

/** Make the functions' client of Kinesis. */
export function streamClient(access: AwsAccess): StreamClient {
  const limits = { maxAnswerBytes: maxStreamAnswerBytes, requestTimeoutMs: streamTimeoutMs };
  return createStreamClient({
    access,
    sender: createHttpSender({ maxSockets, connectionTimeoutMs, ...limits }),
  });
}

/** Make the functions' client of Step Functions. */
export function statesClient(access: AwsAccess): StatesClient {
  const limits = { maxAnswerBytes: maxStatesAnswerBytes, requestTimeoutMs: statesTimeoutMs };
  return createStatesClient({
    access,
    sender: createHttpSender({ maxSockets, connectionTimeoutMs, ...limits }),
  });
}

/** Make the functions' client of SNS. */
export function topicClient(access: AwsAccess): TopicClient {
  const limits = { maxAnswerBytes: maxTopicAnswerBytes, requestTimeoutMs: topicTimeoutMs };
  return createTopicClient({
    access,
    sender: createHttpSender({ maxSockets, connectionTimeoutMs, ...limits }),
  });
}

/** Make the functions' client of Lambda. */
export function functionClient(access: AwsAccess): FunctionClient {
  const limits = { maxAnswerBytes: maxFunctionAnswerBytes, requestTimeoutMs: functionTimeoutMs };
  return createFunctionClient({
    access,
    sender: createHttpSender({ maxSockets, connectionTimeoutMs, ...limits }),
  });
}

/**
 * Make the SDK's client of Kinesis, for what the functions' own client cannot do. Functions do not bundle it.
 *
 * Region, credentials and endpoint come from the SDK's own environment.
 *
 * It speaks HTTP/1.1, not the SDK's default of HTTP/2: local endpoints break on that, and one transport everywhere is
 * one to test.
 */
export function kinesisClient(config: KinesisClientConfig = {}): KinesisClient {
  return new KinesisClient({
    ...shared,
    requestHandler: new NodeHttpHandler(httpOptions({ requestTimeout: streamTimeoutMs })),
    ...config,
  });
}

/**
 * Make an S3 client. Region, credentials and endpoint come from the SDK's own environment.
 *
 * Only idleness is bounded, not whole requests: models may take long to move. Responses are not checksummed by
 * the SDK, since packages are verified by their SHA-256.
 */
export function s3Client(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    ...shared,
    requestHandler: httpOptions({ socketTimeout: 10_000 }),
    responseChecksumValidation: "WHEN_REQUIRED",
    // A local endpoint has no name per bucket.
    forcePathStyle: config.endpoint !== undefined || endpointOverride("S3") !== undefined,
    ...config,
  });
}

/**
 * Make the functions' client of S3.
 *
 * Only idleness is bounded, as for `s3Client`.
 */
export function objectClient(access: AwsAccess): ObjectClient {
  const { region, credentials } = access;
  const handler = new NodeHttpHandler(httpOptions({ socketTimeout: 10_000 }));
  return createObjectClient({ region, credentials, handler, endpoint: () => access.endpointOf("S3") });
}

function httpOptions(timeouts: { requestTimeout?: number; socketTimeout?: number }) {
  return {
    connectionTimeout: connectionTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
    ...timeouts,
  };
}
