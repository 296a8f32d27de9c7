import { putRecordsLimits } from "../../functions/adapters/aws/plan-put-records.ts";
import { DependencyError } from "../../functions/core/errors.ts";
import type { EventToPut, EventWriter } from "./event-writer.ts";
import { inOrder } from "./in-order.ts";
import type { ObjectStore } from "./object-store.ts";
import { type Original, placeKey, rangeOf, type SourceObject } from "./original.ts";
import { parkedObjects } from "./parked-source.ts";
import { readReceipts, writeReceipt } from "./receipts.ts";
import { rejectedObjects } from "./rejected-source.ts";

const { maxRecords, maxCallBytes } = putRecordsLimits;

export interface RedriveOptions {
  /** Holds `rejects/…`, and takes the receipts under `redriven/…`. */
  readonly data: ObjectStore;
  /** Holds `aws/lambda/…`. */
  readonly parked: ObjectStore;
  readonly events: EventWriter;
  /**
   * The model whose event source gave up, by its function's ARN: null for a function that serves none, as the archive's;
   * undefined for one that is gone.
   */
  readonly modelOf: (functionArn: string) => Promise<string | null | undefined>;
  /** @default both */
  readonly kinds?: readonly Original["kind"][];
  /** @default every model */
  readonly model?: string;
  /** Only events rejected for this reason code; parked ones have none, so they are left where they are. */
  readonly reason?: string;
  /** Only what arrived on the stream from `since` on and before `until`, epoch milliseconds. */
  readonly since?: number;
  readonly until?: number;
  /** Put back at most so many. */
  readonly limit?: number;
  /** Count, and write nothing. */
  readonly isDryRun?: boolean;
  /** Names this run in its receipts. */
  readonly run: string;
  readonly now: () => number;
}

export interface Redriven {
  /** Objects that were looked into. */
  readonly objects: number;
  /** Originals put back, or, on a dry run, that would be. */
  readonly redriven: number;
  /** Put back by an earlier run. */
  readonly before: number;
  /** Standing in a second object. */
  readonly doubles: number;
  /** Excluded by reason or time. */
  readonly excluded: number;
  /** Rejects that private values were taken out of: what is left is not the event, which only its producer has. */
  readonly incomplete: number;
  /** Whether the limit left some for another run. */
  readonly isLimited: boolean;
  /** Objects and lines that could not be read; they stay where they are. */
  readonly damaged: readonly string[];
}

/**
 * Put rejected events and parked records back onto the stream as new records, each shard's in their old order, shards
 * after those that were split or merged into them, and under their old partition keys.
 *
 * Originals are never deleted: an object may be written anew by a redelivered batch at any time, and their bucket's
 * lifecycle ends them. A receipt of each group is written after Kinesis took it, and what has a receipt is
 * left out. Interrupted between the two, the next run puts that group (at most 500) a second time: nothing is lost, and predictions
 * collapse by event id. Two runs at once may do the same.
 *
 * @throws {DependencyError} when the stream refuses events after bounded retries; what it took has its receipt.
 */
export async function redrive(options: RedriveOptions): Promise<Redriven> {
  const { kinds = ["rejected", "parked"], limit = Number.POSITIVE_INFINITY } = options;
  const count = { objects: 0, redriven: 0, before: 0, doubles: 0, excluded: 0, incomplete: 0 };
  const damaged: string[] = [];
  const noteDamaged = (message: string): void => void damaged.push(message);
  const shards = await findShards(options, kinds, noteDamaged);
  let isLimited = false;

  for (const objects of shards) {
    if (isLimited) break;
    count.objects += objects.length;
    const before = await readReceipts(
      options.data,
      objects[0]!,
      rangeOf(objects.flatMap(({ first, last }) => [first, last])),
    );
    let group: WholeOriginal[] = [];
    let groupBytes = 0;
    const flush = async (): Promise<void> => {
      if (group.length > 0) await putGroup(group, options);
      group = [];
      groupBytes = 0;
    };
    const isWanted = (original: Original): boolean => {
      const wanted = fits(original, options);
      if (!wanted) count.excluded++;
      return wanted;
    };
    const noteDouble = (): void => void count.doubles++;
    for await (const original of inOrder(objects, { isWanted, noteDamaged, noteDouble })) {
      if (before.has(placeKey(original))) {
        count.before++;
      } else if (!isWhole(original)) {
        count.incomplete++;
      } else if (count.redriven === limit) {
        isLimited = true;
        break;
      } else {
        const sizeBytes = original.data.byteLength + Buffer.byteLength(original.partitionKey);
        if (group.length === maxRecords || groupBytes + sizeBytes > maxCallBytes) await flush();
        group.push(original);
        groupBytes += sizeBytes;
        count.redriven++;
      }
    }
    await flush();
  }
  return { ...count, isLimited, damaged };
}

type WholeOriginal = Original & EventToPut;

function isWhole(original: Original): original is WholeOriginal {
  return original.data !== undefined;
}

async function putGroup(
  group: readonly WholeOriginal[],
  { data, events, isDryRun, run, now }: RedriveOptions,
): Promise<void> {
  if (isDryRun === true) return;
  const refused = new Set(await events.put(group));
  const taken = group.filter((_, i) => !refused.has(i));
  if (taken.length > 0) await writeReceipt(data, taken, { run, now: now() });
  if (refused.size === 0) return;
  throw new DependencyError(
    `events stream: refused ${refused.size} of ${group.length} records again and again; run redrive again when it has room, it goes on where it stopped`,
    { code: "dependency.throttled", details: { refused: refused.size } },
  );
}

function fits({ arrivedAt, code }: Original, { reason, since, until }: RedriveOptions): boolean {
  return (
    (reason === undefined || code === reason) &&
    (since === undefined || arrivedAt >= since) &&
    (until === undefined || arrivedAt < until)
  );
}

/** The objects to look into, by shard of origin; parents before their children. */
async function findShards(
  { data, parked, model, modelOf }: RedriveOptions,
  kinds: readonly Original["kind"][],
  noteDamaged: (message: string) => void,
): Promise<readonly SourceObject[][]> {
  const shards = new Map<string, SourceObject[]>();
  const collect = async (objects: AsyncIterable<SourceObject>): Promise<void> => {
    for await (const object of objects) {
      const shard = `${object.stream}/${object.shard}`;
      shards.set(shard, [...(shards.get(shard) ?? []), object]);
    }
  };
  if (kinds.includes("rejected")) await collect(rejectedObjects(data, model));
  if (kinds.includes("parked")) {
    // What the archive gave up on the models have had: put back, it would be another fact to them.
    const wants = async (functionArn: string): Promise<boolean> => {
      const served = await modelOf(functionArn);
      return served !== null && (model === undefined || served === model);
    };
    await collect(parkedObjects(parked, { wants }, noteDamaged));
  }
  // Shards are numbered as they are made: parents before the children that a split or a merge gave them.
  return [...shards].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, objects]) => objects);
}
