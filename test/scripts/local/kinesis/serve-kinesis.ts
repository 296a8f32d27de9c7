import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { onTestFinished } from "vitest";
import {
  createKinesis,
  type KinesisOptions,
  type KinesisService,
} from "../../../../scripts/local/kinesis/kinesis.ts";

/** An embedded Kinesis on a free port and an SDK client of it; both end with the test. */
export async function serveKinesis(
  options: KinesisOptions = {},
): Promise<{ kinesis: KinesisService; client: KinesisClient; endpoint: string }> {
  const kinesis = createKinesis(options);
  const server = createServer((request, response) => void kinesis.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = kinesisClient(endpoint);
  onTestFinished(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await kinesis.close();
  });
  return { kinesis, client, endpoint };
}

/** A client that never retries, so that a test sees every answer. */
export function kinesisClient(endpoint: string): KinesisClient {
  return new KinesisClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ requestTimeout: 10_000 }),
  });
}

/** Where the clock of `serveStream` starts. */
export const startMs = Date.parse("2026-01-01T00:00:00.000Z");

/** A served Kinesis with one stream `s`, on a clock that the test moves. */
export async function serveStream({ shardCount = 1, throttle = false } = {}) {
  const time = { nowMs: startMs };
  const served = await serveKinesis({ clock: () => time.nowMs, throttle });
  const { streamArn } = served.kinesis.createStream({
    streamName: "s",
    shardCount,
    onDemand: false,
    retentionHours: 24,
  });
  return { ...served, time, streamArn };
}

/** Put one record on `s`. */
export function put(
  client: KinesisClient,
  text: string,
  more: { PartitionKey?: string; ExplicitHashKey?: string } = {},
) {
  return client.send(
    new PutRecordCommand({ StreamName: "s", Data: Buffer.from(text), PartitionKey: "k", ...more }),
  );
}

export type IteratorStart = Omit<
  ConstructorParameters<typeof GetShardIteratorCommand>[0],
  "StreamName" | "ShardId"
>;

/** An iterator of a shard of `s`, by default its first. */
export async function iteratorOf(
  client: KinesisClient,
  start: IteratorStart,
  ShardId = "shardId-000000000000",
) {
  const answer = await client.send(new GetShardIteratorCommand({ StreamName: "s", ShardId, ...start }));
  return answer.ShardIterator!;
}

/** What one call reads of a shard of `s`, as text. */
export async function textsFrom(client: KinesisClient, start: IteratorStart, shardId?: string) {
  const answer = await client.send(
    new GetRecordsCommand({ ShardIterator: await iteratorOf(client, start, shardId) }),
  );
  return answer.Records!.map((record) => Buffer.from(record.Data!).toString());
}
