import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import type { PastEvent } from "../../scripts/archive/archived-object.ts";
import { readArchive } from "../../scripts/archive/read-archive.ts";
import { slowDown } from "../../scripts/local/faults.ts";
import { createS3ObjectStore } from "../../scripts/redrive/object-store.ts";
import { aggregate, type UserRecord } from "../support/aggregate.ts";
import { bytesOf, type EventToPut, putAll } from "./support/events.ts";
import { killFunctions } from "./support/function-processes.ts";
import { readLines } from "./support/objects.ts";
import { tableModelName as model, tableEvent, tablePackage } from "./support/package-folder.ts";
import { publish } from "./support/publish.ts";
import { readParked } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { archiveAgainFromTheStart } from "./support/stream-function.ts";
import { openStream, type StreamRecord } from "./support/stream-records.ts";
import { itNeeding, openStage } from "./support/target.ts";
import { untilIdle, waitUntil } from "./support/wait-until.ts";

const keys = Array.from({ length: 8 }, (_, i) => `key-${i}`);
/** Records of each key in each of the parts that they are put in. */
const perKey = 30;
/** An aggregated record holds so many events, of other keys than its own. */
const perRecord = 7;

itNeeding(
  "ownModels",
  "faults",
  "processes",
)(
  "every event stands in the archive once for its reader, in stream order and to the byte, though functions die and S3 is slow",
  async () => {
    await using stage = await openStage({ models: { [model]: {} } });
    const events = await openStream(stage.kinesis, stage.outputs.EventsStreamName);
    await putAll(stage, records(0));
    // Nothing is archived before it is known what is private.
    await using folder = await tablePackage([0.125, 0.25]);
    await publish(stage, folder.path);
    const trouble = makeTrouble(stage);
    await untilIdle(stage);
    for (const part of [1, 2]) {
      await putAll(stage, records(part));
      await untilIdle(stage);
    }
    expect(trouble).toEqual({ refused: 3, killed: 2 });
    stage.cloud.faults.clear();
    const put = (await events.read()).flatMap(eventsOf);
    archiveAgainFromTheStart(stage, 7);
    await waitUntil(stage, async () => {
      const { length } = await readLines(stage, "archive/");
      return length >= 2 * put.length ? undefined : `${2 * put.length - length} lines of a second archive`;
    });
    await untilIdle(stage);

    expect(put.length).toBe(3 * keys.length * (perKey + perRecord - 1));
    const damaged: string[] = [];
    const noteDamaged = (message: string) => void damaged.push(message);
    const archive = await readArchive({
      store: createS3ObjectStore(stage.s3, stage.outputs.DataBucketName),
      noteDamaged,
    });
    const got: string[] = [];
    for (const shard of archive.shards)
      for await (const each of archive.shard(shard)) got.push(describe(each));
    const byShard = [...Map.groupBy(put, ({ shard }) => shard)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    expect(
      firstDifference(
        got,
        byShard.flatMap(([, ofShard]) => ofShard.map(describe)),
      ),
    ).toBeUndefined();

    const all: PastEvent[] = [];
    for await (const each of archive.all()) all.push(each);
    expect(firstDifference(all.map(describe).toSorted(), got.toSorted())).toBeUndefined();
    const times = all.map(({ arrivedAtMs }) => arrivedAtMs);
    expect(times.every((time, i) => i === 0 || times[i - 1]! <= time)).toBe(true);
    expect(damaged).toEqual([]);
    expect(await readParked(stage)).toEqual([]);
  },
);

/** Of each key one record in a part is aggregated, and the others are JSON, gzip, bytes of no text, or hardly anything. */
function records(part: number): EventToPut[] {
  return Array.from({ length: keys.length * perKey }, (_, i): EventToPut => {
    const partitionKey = keys[i % keys.length]!;
    const event = tableEvent(`part-${part}-${i}`, i % 2);
    if (i < keys.length) return { partitionKey, data: aggregate(within(`${part}-${i}`)) };
    const forms = [
      event,
      event,
      gzipSync(bytesOf(event)),
      Buffer.from([0xff, 0x00, i % 256]),
      Buffer.from("{"),
    ];
    return { partitionKey, data: forms[i % forms.length]! };
  });
}

function within(name: string): UserRecord[] {
  return Array.from({ length: perRecord }, (_, at) => ({
    partitionKey: `within-${at % 3}`,
    data: Buffer.from(JSON.stringify(tableEvent(`${name}-${at}`, at % 2))),
  }));
}

/** The events of a record as they were put: those that were aggregated into it, or the record itself. */
function eventsOf({
  shardId,
  PartitionKey,
  SequenceNumber,
  Data,
  ApproximateArrivalTimestamp,
}: StreamRecord): PastEvent[] {
  const data = Buffer.from(Data!);
  const at = {
    shard: shardId,
    sequenceNumber: SequenceNumber!,
    arrivedAtMs: ApproximateArrivalTimestamp!.getTime(),
  };
  const aggregated = aggregatedRecords.get(data.toString("latin1"));
  if (aggregated === undefined) return [{ ...at, subIndex: 0, partitionKey: PartitionKey!, data }];
  return aggregated.map((each, subIndex) => ({ ...at, subIndex, ...each }));
}

const aggregatedRecords = new Map(
  [0, 1, 2].flatMap((part) =>
    keys.map((_, i) => {
      const inside = within(`${part}-${i}`);
      return [aggregate(inside).toString("latin1"), inside] as const;
    }),
  ),
);

function describe({ shard, sequenceNumber, subIndex, arrivedAtMs, partitionKey, data }: PastEvent): string {
  return [shard, sequenceNumber, subIndex, arrivedAtMs, partitionKey, data?.toString("hex")].join(" ");
}

function firstDifference(got: readonly string[], wanted: readonly string[]): object | undefined {
  const at = Array.from({ length: Math.max(got.length, wanted.length) }, (_, i) => i).find(
    (i) => got[i] !== wanted[i],
  );
  return at === undefined
    ? undefined
    : { at, got: got[at], wanted: wanted[at], counts: [got.length, wanted.length] };
}

/** Refuse the first writes to S3, and kill all functions amid two others, which are made all the same. */
function makeTrouble(stage: Stage) {
  const counts = { refused: 0, killed: 0 };
  let puts = 0;
  stage.cloud.faults.set(async ({ service, operation }) => {
    if (service !== "s3" || operation !== "PutObject") return undefined;
    puts++;
    if (puts <= 3) {
      counts.refused++;
      return slowDown();
    }
    if (puts === 5 || puts === 11) {
      counts.killed++;
      await killFunctions(stage.cloud.port);
    }
    return undefined;
  });
  return counts;
}
