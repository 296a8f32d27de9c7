import type { PutRecordsInput } from "@aws-sdk/client-kinesis";
import { describe, expect, it, onTestFinished } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { kinesisClient, streamClient } from "../../../../functions/adapters/aws/clients.ts";
import { createHttpSender } from "../../../../functions/adapters/aws/http-sender.ts";
import {
  KinesisPredictionStream,
  type KinesisPredictionStreamOptions,
} from "../../../../functions/adapters/aws/kinesis-prediction-stream.ts";
import { createStreamClient } from "../../../../functions/adapters/aws/stream-client.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { createKinesis } from "../../../../scripts/local/kinesis/kinesis.ts";
import { predictionBatch } from "../contracts/prediction-batch.ts";
import { describePredictionStream } from "../contracts/prediction-stream.ts";
import { readRecords } from "./read-records.ts";
import { instantRetry, serveAws } from "./serve-aws.ts";

/** A stream of ours in front of an embedded Kinesis, and what stands on it. */
async function serveStream(options: Partial<KinesisPredictionStreamOptions> & { shardCount?: number } = {}) {
  const { shardCount = 2, ...overrides } = options;
  // A clock that stands still: what a shard's second takes is taken once.
  const kinesis = createKinesis({ clock: () => 0, throttle: shardCount === 1 });
  kinesis.createStream({ streamName: "predictions", shardCount, onDemand: false, retentionHours: 24 });
  const served = await serveAws(kinesis);
  const client = kinesisClient(served.config);
  const streams = streamClient(awsAccess(served.config));
  onTestFinished(() => {
    for (const each of [client, streams]) each.destroy();
  });
  const retry = instantRetry();
  const logger = new MemoryLogger();
  const given = { client: streams, stream: "predictions", logger, retry };
  const stream = new KinesisPredictionStream({ ...given, ...overrides });
  return { served, streams, retry, logger, stream, records: () => readRecords(client, "predictions") };
}

const puts = (operations: readonly string[]) => operations.filter((operation) => operation === "PutRecords");

describePredictionStream("KinesisPredictionStream", async () => {
  const { stream, records } = await serveStream();
  return { stream, records };
});

describe("KinesisPredictionStream", () => {
  it("puts 500 records per call", async () => {
    const { served, stream } = await serveStream();
    await stream.put(predictionBatch(1_001));
    expect(puts(served.operations)).toHaveLength(3);
  });

  it("puts again only the records that were refused, and fails what stays so", async () => {
    // One shard that takes 1,000 records in a second that never ends.
    const { served, logger, stream, records } = await serveStream({ shardCount: 1, concurrency: 1 });
    const failed = await stream.put(predictionBatch(1_200));
    expect(failed).toEqual(Array.from({ length: 200 }, (_, i) => 1_000 + i));
    const bodies = (await records()).map((record) => record.body);
    expect(bodies).toHaveLength(1_000);
    expect(new Set(bodies).size).toBe(1_000);
    expect(puts(served.operations)).toHaveLength(2 + 6);
    expect(logger.lines).toMatchObject([
      {
        level: "warn",
        fields: { failedCount: 200, rowCount: 1_200, error: { code: "dependency.throttled" } },
      },
    ]);
  });

  it("sends only the refused records in the next attempt, and none of the others twice", async () => {
    const { streams, logger, retry, records } = await serveStream();
    const sent: string[][] = [];
    // Answer the first call as Kinesis does when one of two shards is throttled: every other record refused.
    const client = {
      async putRecords(input: PutRecordsInput) {
        const all = input.Records!;
        sent.push(all.map((record) => Buffer.from(record.Data!).toString()));
        if (sent.length > 1) return streams.putRecords(input);
        const kept = await streams.putRecords({ ...input, Records: all.filter((_, i) => i % 2 === 0) });
        const refused = { ErrorCode: "InternalFailure", ErrorMessage: "Internal service failure." };
        return { ...kept, Records: all.map((_, i) => (i % 2 === 0 ? kept.Records![i / 2]! : refused)) };
      },
    };
    const stream = new KinesisPredictionStream({ client, stream: "predictions", logger, retry });
    const batch = predictionBatch(9);
    expect(await stream.put(batch)).toEqual([]);
    expect(sent).toEqual([batch.bodies, batch.bodies.filter((_, row) => row % 2 === 1)]);
    expect((await records()).map((record) => record.body).sort()).toEqual(batch.bodies.toSorted());
  });

  it.each([
    ["a throttle", throttled()],
    ["a failure", jsonFault(500, "InternalFailure", "down")],
    ["a closed connection", { kind: "reset" } as const],
  ])("puts a whole call again after %s", async (_title, fault) => {
    const { served, retry, stream, records } = await serveStream();
    served.fault = (operation, count) => (operation === "PutRecords" && count < 2 ? fault : undefined);
    expect(await stream.put(predictionBatch(10))).toEqual([]);
    expect(await records()).toHaveLength(10);
    expect(retry.waitsMs).toEqual([25, 50]);
  });

  it("puts a call again whose answer does not come in time", async () => {
    const { served, records } = await serveStream();
    const limits = {
      maxSockets: 1,
      connectionTimeoutMs: 1_000,
      requestTimeoutMs: 40,
      maxAnswerBytes: 1 << 20,
    };
    const sender = createHttpSender(limits);
    onTestFinished(() => sender.destroy());
    const client = createStreamClient({ access: awsAccess(served.config), sender });
    served.fault = (operation, count) =>
      operation === "PutRecords" && count === 0 ? { kind: "hang" } : undefined;
    const stream = new KinesisPredictionStream({
      client,
      stream: "predictions",
      logger: new MemoryLogger(),
      retry: instantRetry(),
    });
    expect(await stream.put(predictionBatch(3))).toEqual([]);
    expect(await records()).toHaveLength(3);
  });

  it("fails the rows of the one call that is refused outright, at once", async () => {
    const { served, logger, stream, records } = await serveStream({ concurrency: 1 });
    served.fault = (operation, count) =>
      operation === "PutRecords" && count === 1 ? jsonFault(400, "AccessDeniedException", "no") : undefined;
    expect(await stream.put(predictionBatch(1_100))).toEqual(Array.from({ length: 500 }, (_, i) => 500 + i));
    expect(await records()).toHaveLength(600);
    expect(logger.lines[0]?.fields).toMatchObject({ error: { code: "dependency.unavailable" } });
  });

  it("fails a record above the stream's bound and puts the others", async () => {
    const { logger, stream, records } = await serveStream();
    const largest = 2 ** 20 - "entity-0".length;
    const bodies = ["x".repeat(largest), "x".repeat(largest + 1), "small"];
    expect(await stream.put(predictionBatch(3, { bodies }))).toEqual([1]);
    expect((await records()).map((record) => record.body.length).sort()).toEqual([largest, 5].sort());
    expect(logger.lines[0]?.fields).toMatchObject({ oversizedCount: 1, error: { name: "InvariantError" } });
  });

  it("makes a key of an entity that is none: too long by its hash, empty by the prediction", async () => {
    const { stream, records } = await serveStream();
    const entities = ["é".repeat(256), "é".repeat(257), ""];
    expect(await stream.put(predictionBatch(3, { entities }))).toEqual([]);
    const keyOf = new Map((await records()).map(({ key, body }) => [JSON.parse(body).outputs.p, key]));
    expect(keyOf.get(0)).toBe("é".repeat(256));
    expect(keyOf.get(1)).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf.get(2)).toBe("prediction-2");
  });

  it("starts no call once the batch's time is over, whatever the number of rows", async () => {
    let nowMs = 0;
    const retry = instantRetry({ totalMs: 1_000, attempts: 2, now: () => nowMs });
    const { served, stream } = await serveStream({ concurrency: 1, retry });
    served.fault = () => {
      nowMs += 300;
      return throttled();
    };
    expect(await stream.put(predictionBatch(5_000))).toHaveLength(5_000);
    expect(puts(served.operations)).toHaveLength(4);
  });
});
