import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  ListStreamConsumersCommand,
  MergeShardsCommand,
  type Shard,
  SplitShardCommand,
  type StreamDescriptionSummary,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect } from "vitest";
import { type Deliveries, watchDeliveries } from "./support/deliveries.ts";
import { putAll } from "./support/events.ts";
import { functionProcesses } from "./support/function-processes.ts";
import { sumOf } from "./support/metrics.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readParked, readRejects } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { expectStoredOnce } from "./support/stored-predictions.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const table = [0.125, 0.25, 0.5, 0.75];
/** Small enough for every shard to have many batches. */
const batchSize = 100;
const keys = Array.from({ length: 40 }, (_, i) => `key-${i}`);

describe("every event is predicted once, those of one key in order,", () => {
  itNeeding(
    "ownModels",
    "faults",
    "metrics",
  )("while shards of both streams are split, merged and counted anew under load", async () => {
    await using stage = await openStage({ models: { [model]: { eventSource: { batchSize } } } });
    const deliveries = watchDeliveries(stage);
    const streams = [stage.outputs.EventsStreamName, stage.outputs.PredictionsStreamName];
    for (const stream of streams) await provision(stage, stream);
    const load = startLoad(stage, keys);
    const reshard = async (change: (stage: Stage, stream: string) => Promise<void>) => {
      await load.goOn(200);
      for (const stream of streams) await change(stage, stream);
      await load.goOn(200);
    };

    // The function is stuck in the parents for want of a champion, while their children fill.
    await reshard(splitFirst);
    await waitUntil(stage, () => (sumOf(stage, model, "ModelErrors") > 0 ? undefined : "a failed batch"));
    await publishTable(stage);
    await reshard(splitFirst);
    await reshard(mergeFirst);
    await reshard((...where) => updateCount(...where, 8));
    await reshard(mergeFirst);
    await reshard((...where) => updateCount(...where, 4));
    const ids = await load.stop();

    await expectPredictedInOrder(stage, deliveries, ids);
    for (const stream of streams) {
      const shards = await listShards(stage, stream);
      expect(shards.filter(isOpen)).toHaveLength(4);
      expect(shards.length).toBeGreaterThanOrEqual(4 + 2 + 2 + 1 + 4 + 1 + 4);
    }
  });

  itNeeding(
    "ownModels",
    "faults",
    "processes",
    "metrics",
  )("while four batches of one shard are in flight at once", async () => {
    const concurrent = { stateful: false, eventSource: { batchSize, parallelizationFactor: 4 } };
    await using stage = await openStage({ models: { [model]: concurrent }, archive: { enabled: false } });
    const deliveries = watchDeliveries(stage);
    await publishTable(stage);
    // Slow enough for one batch to meet another.
    stage.cloud.faults.set(async ({ operation }) => {
      if (operation === "PutItem") await sleep(5);
      return undefined;
    });
    const load = startLoad(stage, await keysOfFirstShard(stage, 40));
    await load.goOn(2_000);
    const ids = await load.stop();

    await predictionsOf(stage, model, ids);
    expect((await functionProcesses(stage.cloud.port)).length).toBe(4);
    await expectPredictedInOrder(stage, deliveries, ids);
  });

  itNeeding(
    "ownModels",
    "faults",
    "metrics",
  )("by a consumer of the model's own as by a shared one, through a split and a merge", async () => {
    const own = { consumer: "fanOut", eventSource: { batchSize } } as const;
    await using stage = await openStage({ models: { [model]: own } });
    const deliveries = watchDeliveries(stage);
    const stream = stage.outputs.EventsStreamName;
    await provision(stage, stream);
    await publishTable(stage);
    const load = startLoad(stage, keys);
    for (const change of [splitFirst, mergeFirst]) {
      await load.goOn(200);
      await change(stage, stream);
    }
    await load.goOn(200);
    const ids = await load.stop();

    await expectPredictedInOrder(stage, deliveries, ids);
    const { StreamARN } = await summaryOf(stage, stream);
    const { Consumers = [] } = await stage.kinesis.send(new ListStreamConsumersCommand({ StreamARN }));
    expect(Consumers.map(({ ConsumerName }) => ConsumerName)).toEqual([model]);
  });
});

/** Producers that put event after event, `<key>:<number>`, each key's in order, until they are stopped. */
function startLoad(stage: Stage, partitionKeys: readonly string[]) {
  const ids: string[] = [];
  let isStopped = false;
  const produce = async () => {
    for (let round = 0; !isStopped; round++) {
      const events = partitionKeys.map((key) => ({ ...tableEvent(`${key}:${round}`, round % 4), key }));
      await putAll(
        stage,
        events.map((data) => ({ data, partitionKey: data.key })),
      );
      ids.push(...events.map(({ id }) => id));
      await sleep(20);
    }
  };
  const producing = produce();
  // Whoever stops the load gets the error; until then it must not count as unhandled.
  producing.catch(() => undefined);
  return {
    /** Wait until so many more events were put. */
    goOn: (count: number) => {
      const wanted = ids.length + count;
      return waitUntil(stage, () => (ids.length >= wanted ? undefined : `${wanted - ids.length} events`));
    },
    /** @returns the ids of all events put. */
    stop: async (): Promise<readonly string[]> => {
      isStopped = true;
      await producing;
      return ids;
    },
  };
}

/** Each event is stored once, emitted as stored, and done once, in its turn among those of its key. */
async function expectPredictedInOrder(
  stage: Stage,
  { early, done }: Deliveries,
  ids: readonly string[],
): Promise<void> {
  await predictionsOf(stage, model, ids);
  await expectStoredOnce(stage, ids);
  expect(early.slice(0, 3)).toEqual([]);
  expect(done).toEqual(byKey(ids));
  expect(await readRejects(stage, model)).toEqual([]);
  expect(await readParked(stage)).toEqual([]);
}

/** Numbers of the events of each key, in the order given. */
function byKey(ids: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const numbers = new Map<string, number[]>();
  for (const [key, number] of ids.map((id) => id.split(":") as [string, string]))
    numbers.set(key, [...(numbers.get(key) ?? []), Number(number)]);
  return numbers;
}

async function publishTable(stage: Stage): Promise<void> {
  // The entity keys the predictions stream: a key's predictions stand on one shard, in the order put.
  await using folder = await tablePackage(table, { event: { id: "id", time: "at", entity: "key" } });
  await publish(stage, folder.path);
}

/** Shards of an on-demand stream are AWS' own to split. */
async function provision(stage: Stage, stream: string): Promise<void> {
  const { StreamARN } = await summaryOf(stage, stream);
  const StreamModeDetails = { StreamMode: "PROVISIONED" } as const;
  await stage.kinesis.send(new UpdateStreamModeCommand({ StreamARN, StreamModeDetails }));
}

async function summaryOf({ kinesis }: Stage, StreamName: string): Promise<StreamDescriptionSummary> {
  const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
  return StreamDescriptionSummary!;
}

async function splitFirst(stage: Stage, StreamName: string): Promise<void> {
  const [shard] = await openShards(stage, StreamName);
  const { StartingHashKey, EndingHashKey } = shard!.HashKeyRange!;
  const NewStartingHashKey = String((BigInt(StartingHashKey!) + BigInt(EndingHashKey!) + 1n) / 2n);
  const ShardToSplit = shard!.ShardId!;
  await stage.kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }));
}

async function mergeFirst(stage: Stage, StreamName: string): Promise<void> {
  const [shard, next] = await openShards(stage, StreamName);
  await stage.kinesis.send(
    new MergeShardsCommand({
      StreamName,
      ShardToMerge: shard!.ShardId!,
      AdjacentShardToMerge: next!.ShardId!,
    }),
  );
}

async function updateCount({ kinesis }: Stage, StreamName: string, TargetShardCount: number): Promise<void> {
  const ScalingType = "UNIFORM_SCALING";
  await kinesis.send(new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType }));
}

/** Open shards by their hash keys, so that neighbours are adjacent. */
async function openShards(stage: Stage, stream: string): Promise<readonly Shard[]> {
  const start = ({ HashKeyRange }: Shard) => BigInt(HashKeyRange!.StartingHashKey!);
  const shards = (await listShards(stage, stream)).filter(isOpen);
  return shards.toSorted((one, other) => (start(one) < start(other) ? -1 : 1));
}

async function listShards({ kinesis }: Stage, StreamName: string): Promise<readonly Shard[]> {
  return (await kinesis.send(new ListShardsCommand({ StreamName }))).Shards ?? [];
}

function isOpen({ SequenceNumberRange }: Shard): boolean {
  return SequenceNumberRange?.EndingSequenceNumber === undefined;
}

/** Partition keys whose MD5, which is their hash key, lies within the stream's first shard. */
async function keysOfFirstShard(stage: Stage, count: number): Promise<readonly string[]> {
  const [shard] = await openShards(stage, stage.outputs.EventsStreamName);
  const end = BigInt(shard!.HashKeyRange!.EndingHashKey!);
  const found: string[] = [];
  for (let i = 0; found.length < count; i++) {
    const key = `key-${i}`;
    if (BigInt(`0x${createHash("md5").update(key).digest("hex")}`) <= end) found.push(key);
  }
  return found;
}
