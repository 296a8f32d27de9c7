import { createHash } from "node:crypto";
import type { KinesisStreamEvent } from "aws-lambda";
import { MemoryArchiveStore } from "../../../functions/adapters/memory/memory-archive-store.ts";
import type { MemoryExampleStore } from "../../../functions/adapters/memory/memory-example-store.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../functions/adapters/memory/memory-metrics.ts";
import type { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { archiveBatch } from "../../../functions/archive/archive-batch.ts";
import type { Example } from "../../../functions/contract/example.ts";
import { type LoadedModel, loadModel } from "../../../functions/core/inference/loaded-model.ts";
import { packageDigest } from "../../../functions/core/inference/package-digest.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import { createRedactor } from "../../../functions/core/private/redactor.ts";
import { processBatch } from "../../../functions/stream/process-batch.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { sequenceNumber, setUp, streamArn } from "../../functions/stream/set-up.ts";
import { aggregate } from "../../support/aggregate.ts";
import { MemoryObjectStore } from "../redrive/memory-object-store.ts";

/** An event to be put on the stream. */
export interface PutEvent {
  readonly partitionKey: string;
  readonly data: object;
  readonly arrivalMs: number;
}

const engine = createOrtEngine({ memoryMiB: 1769 });

/** Make a package ready to predict, without a folder. */
export function loadFiles(files: PackageFiles): Promise<LoadedModel> {
  return loadModel(packageDigest(files), files, { engine, nowMs: () => performance.now() });
}

/**
 * The stream function and the archive function over memory adapters, each fed with all of the stream in batches of its
 * own; every seventh record or so is an aggregated one.
 */
export async function runLive(
  files: PackageFiles,
  events: readonly PutEvent[],
  { shardCount, seed }: { readonly shardCount: number; readonly seed: number },
) {
  const live = await setUp(files);
  const archive = new MemoryArchiveStore();
  const archiveDeps = {
    archive,
    redactor: { read: async () => createRedactor([], (text) => text) },
    metrics: new MemoryMetrics(),
    logger: new MemoryLogger(),
  };
  const shards = recordsOf(events, shardCount, seed);
  const random = seededRandom(seed + 1);
  await deliver(
    shards,
    () => 1 + random.integer(400),
    (event) => processBatch(event, live.deps),
  );
  await deliver(
    shards,
    () => 1 + random.integer(1500),
    (event) => archiveBatch(event, archiveDeps),
  );
  const data = new MemoryObjectStore();
  for (const [key, body] of archive.objects) data.objects.set(key, body);
  return { ...live, data };
}

type KinesisRecord = KinesisStreamEvent["Records"][number];

/** The records of each shard, by the hash of the partition key. */
function recordsOf(events: readonly PutEvent[], shardCount: number, seed: number): KinesisRecord[][] {
  const random = seededRandom(seed);
  const shards = Array.from({ length: shardCount }, (): PutEvent[] => []);
  for (const event of events) {
    const hash = createHash("md5").update(event.partitionKey).digest().readUInt32BE(0);
    shards[Math.floor((hash / 2 ** 32) * shardCount)]!.push(event);
  }
  let position = 0;
  return shards.map((ofShard, number) => {
    const records: KinesisRecord[] = [];
    for (let i = 0; i < ofShard.length; ) {
      const count = random.uniform() < 1 / 7 ? 1 + random.integer(4) : 1;
      const given = ofShard.slice(i, i + count);
      i += count;
      const parts = given.map(({ partitionKey, data: each }) => ({
        partitionKey,
        data: Buffer.from(JSON.stringify(each)),
      }));
      const data = count === 1 ? parts[0]!.data : aggregate(parts);
      records.push(recordOf({ number, position: position++, data, event: given.at(-1)! }));
    }
    return records;
  });
}

function recordOf(of: {
  number: number;
  position: number;
  data: Uint8Array;
  event: PutEvent;
}): KinesisRecord {
  const shard = `shardId-${String(of.number).padStart(12, "0")}`;
  const sequence = sequenceNumber(of.position);
  return {
    kinesis: {
      kinesisSchemaVersion: "1.0",
      partitionKey: of.event.partitionKey,
      sequenceNumber: sequence,
      data: Buffer.from(of.data).toString("base64"),
      approximateArrivalTimestamp: of.event.arrivalMs / 1000,
    },
    eventSource: "aws:kinesis",
    eventVersion: "1.0",
    eventID: `${shard}:${sequence}`,
    eventName: "aws:kinesis:record",
    invokeIdentityArn: "arn:aws:iam::111122223333:role/stream",
    awsRegion: "eu-west-1",
    eventSourceARN: streamArn,
  };
}

/** Deliver batches of the shards by turns. */
async function deliver(
  shards: readonly (readonly KinesisRecord[])[],
  nextSize: () => number,
  handle: (event: KinesisStreamEvent) => Promise<{ batchItemFailures: readonly unknown[] }>,
): Promise<void> {
  const done = shards.map(() => 0);
  for (let isLeft = true; isLeft; ) {
    isLeft = false;
    for (const [i, records] of shards.entries()) {
      const Records = records.slice(done[i]!, done[i]! + nextSize());
      if (Records.length === 0) continue;
      const { batchItemFailures } = await handle({ Records });
      if (batchItemFailures.length > 0) throw new Error("a live batch failed");
      done[i]! += Records.length;
      isLeft = true;
    }
  }
}

/** Every example by event id, without what differs between live and backfilled by design. */
export function examplesByEvent(store: MemoryExampleStore): Map<string, string> {
  return new Map(
    [...store.objects].flatMap(([key, lines]) =>
      key.startsWith("examples/")
        ? (lines as readonly Example[]).map(({ predictionId: _, role: __, ...rest }) => [
            rest.eventId,
            JSON.stringify(rest),
          ])
        : [],
    ),
  );
}

/** Every part of every block, by where it stands: its mark and its bytes. */
export function blockParts(store: MemoryShardStateStore): Map<string, string> {
  return new Map(
    store.items.flatMap(({ partitionKey, sortKey, parts }) =>
      partitionKey.includes("#view#")
        ? [...parts].map(([shard, { mark, body }]): [string, string] => [
            `${partitionKey} ${sortKey} ${shard}`,
            `${mark} ${Buffer.from(body).toString("hex")}`,
          ])
        : [],
    ),
  );
}

/** How two maps differ: keys that one lacks or has otherwise, the first few; huge diffs take minutes. */
export function differences(
  got: ReadonlyMap<string, string>,
  wanted: ReadonlyMap<string, string>,
): readonly string[] {
  const keys = [...new Set([...got.keys(), ...wanted.keys()])];
  return keys
    .filter((key) => got.get(key) !== wanted.get(key))
    .slice(0, 3)
    .map((key) => `${key}: got ${got.get(key)}, wanted ${wanted.get(key)}`);
}
