import { describe, expect, it, onTestFinished } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { kinesisClient, streamClient } from "../../../../functions/adapters/aws/clients.ts";
import { KinesisEventStream } from "../../../../functions/adapters/aws/kinesis-event-stream.ts";
import type { PutRecordsOptions } from "../../../../functions/adapters/aws/put-records.ts";
import { MemoryEventStream } from "../../../../functions/adapters/memory/memory-event-stream.ts";
import type { EventRecord, EventStream } from "../../../../functions/core/outcome/event-stream.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { createKinesis } from "../../../../scripts/local/kinesis/kinesis.ts";
import { readRecords } from "./read-records.ts";
import { instantRetry, serveAws } from "./serve-aws.ts";

const streamName = "events";

/** A stream of ours in front of an embedded Kinesis, and what stands on it. */
async function serveStream(options: Partial<PutRecordsOptions> & { shardCount?: number } = {}) {
  const { shardCount = 2, ...overrides } = options;
  // A clock that stands still: what a shard's second takes is taken once.
  const kinesis = createKinesis({ clock: () => 0, throttle: shardCount === 1 });
  kinesis.createStream({ streamName, shardCount, onDemand: false, retentionHours: 24 });
  const served = await serveAws(kinesis);
  const client = kinesisClient(served.config);
  const streams = streamClient(awsAccess(served.config));
  onTestFinished(() => {
    for (const each of [client, streams]) each.destroy();
  });
  const retry = instantRetry();
  const stream = new KinesisEventStream({ client: streams, stream: streamName, retry, ...overrides });
  return { served, retry, stream, records: () => readRecords(client, streamName) };
}

const some = (count: number): EventRecord[] =>
  Array.from({ length: count }, (_, i) => ({ partitionKey: `key-${i % 7}`, data: `{"n":${i},"of":"é ✈"}` }));
const shown = (records: readonly { key: string; body: string }[]) =>
  records.map(({ key, body }) => `${key} ${body}`).sort();
const expected = (records: readonly EventRecord[]) =>
  records.map(({ partitionKey, data }) => `${partitionKey} ${data}`).sort();

describe.each<
  [string, () => Promise<{ stream: EventStream; records: () => Promise<{ key: string; body: string }[]> }>]
>([
  ["KinesisEventStream", serveStream],
  [
    "MemoryEventStream",
    async () => {
      const stream = new MemoryEventStream();
      const records = async () => stream.records.map(({ partitionKey: key, data: body }) => ({ key, body }));
      return { stream, records };
    },
  ],
])("%s", (_name, make) => {
  it.each([0, 1, 1_201])("puts each of %i records once, under its key", async (count) => {
    const { stream, records } = await make();
    await stream.put(some(count));
    expect(shown(await records())).toEqual(expected(some(count)));
  });
});

describe("KinesisEventStream", () => {
  it.each([
    ["a throttle", throttled()],
    ["a failure", jsonFault(500, "InternalFailure", "down")],
    ["a closed connection", { kind: "reset" } as const],
  ])("tries again after %s, with waits that grow and vary", async (_title, fault) => {
    const { served, retry, stream, records } = await serveStream();
    served.fault = (operation, count) => (operation === "PutRecords" && count < 3 ? fault : undefined);
    await stream.put(some(10));
    expect(shown(await records())).toEqual(expected(some(10)));
    expect(retry.waitsMs).toEqual([25, 50, 100]);
  });

  it("puts again only what a call did not take, and fails when something stays out", async () => {
    // One shard that takes 1,000 records in a second that never ends.
    const { stream, records, served } = await serveStream({ shardCount: 1, concurrency: 1 });
    await expect(stream.put(some(1_200))).rejects.toMatchObject({
      name: "DependencyError",
      code: "dependency.throttled",
    });
    expect(await records()).toHaveLength(1_000);
    expect(served.operations.filter((each) => each === "PutRecords")).toHaveLength(2 + 6);
  });

  it("fails at once, without another try, when the stream is not there", async () => {
    const { stream, retry } = await serveStream({ stream: "nowhere" });
    await expect(stream.put(some(3))).rejects.toMatchObject({ code: "dependency.unavailable" });
    expect(retry.waitsMs).toEqual([]);
  });

  it("holds a record that no stream takes for a bug: whoever calls has bounded it", async () => {
    const { stream, records } = await serveStream();
    const record = { partitionKey: "a", data: "x".repeat(2 ** 20) };
    await expect(stream.put([record, ...some(1)])).rejects.toMatchObject({ name: "InvariantError" });
    expect(shown(await records())).toEqual(expected(some(1)));
  });
});
