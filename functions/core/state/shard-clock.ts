import { InvariantError } from "../errors.ts";
import { type ClockSnapshot, createEventClock, type EventClock, unsetClock } from "./event-clock.ts";
import type { Mark } from "./mark.ts";
import type { ShardPart, ShardStateStore } from "./shard-state-store.ts";

/** What a shard's writer last made of its clock. */
export interface ShardClockState extends ClockSnapshot {
  /** The shard's progress: every event up to it is wholly done. */
  readonly mark: Mark;
  /** Shards whose end this one is the continuation of, as far as they had clocks: they write no more. */
  readonly follows: readonly string[];
}

/** Of one model, by shard. */
export type Clocks = ReadonlyMap<string, ShardClockState>;

/** The shards that a shard was split or merged from, by its id; none where they are not known any more. */
export type ParentsOf = (shard: string) => Promise<readonly string[]>;

export interface ShardClock extends EventClock {
  /** Events up to this mark are wholly done, and are skipped when they are delivered again. */
  readonly progress: Mark | undefined;
  /**
   * Keep the clock as it stood when `snapshot` was taken, with the progress it stood for, on condition that no other
   * writer of this shard was there. What is not beyond the progress is kept already.
   *
   * @param mark - of the last event that is wholly done.
   * @param expiresAt - when it may be forgotten, epoch seconds.
   * @returns whether it stands.
   */
  save(store: ShardStateStore, mark: Mark, snapshot: ClockSnapshot, expiresAt: number): Promise<boolean>;
}

/** Read every shard's clock of a model. @throws {DependencyError} as the store does. */
export async function readClocks(store: ShardStateStore, model: string): Promise<Clocks> {
  // Shards are named by letters, digits, "-", "_" and ".", which all lie between these.
  const [items] = await store.read([{ partitionKey: partitionOf(model), from: "!", to: "~" }]);
  return new Map(
    items!.flatMap(({ parts }) => [...parts].map(([shard, part]) => [shard, decode(part)] as const)),
  );
}

export interface OpenShardClockOptions {
  readonly clocks: Clocks;
  readonly model: string;
  readonly shard: string;
  /** How far an event's time may be ahead. */
  readonly aheadMs: number;
  /** Asked where the shard has no clock but others have. */
  readonly parentsOf: ParentsOf;
}

/**
 * Open the clock of a shard for its single writer.
 *
 * A shard without one goes on from the newest of its parents' clocks; for a parent without one its own parents stand.
 *
 * An item per shard, not one for all: what a write costs does not grow with the shards, and the clock of a shard that
 * has ended expires.
 *
 * @throws what `parentsOf` throws.
 */
export async function openShardClock(options: OpenShardClockOptions): Promise<ShardClock> {
  const { clocks, model, shard, aheadMs } = options;
  const own = clocks.get(shard);
  const { start, follows } =
    own === undefined ? await inherit(options) : { start: own, follows: own.follows };
  const clock = createEventClock(aheadMs, start);
  let progress = own?.mark;

  return {
    get progress() {
      return progress;
    },
    get newestMs() {
      return clock.newestMs;
    },
    admit: clock.admit,
    explainAhead: clock.explainAhead,
    snapshot: clock.snapshot,
    async save(store, mark, snapshot, expiresAt) {
      if (progress !== undefined && mark <= progress) return true;
      const part = { mark, body: encode(snapshot, follows) };
      const write = {
        partitionKey: partitionOf(model),
        sortKey: shard,
        shard,
        expected: progress,
        part,
        expiresAt,
      };
      if ((await store.write([write])).length > 0) return false;
      progress = mark;
      return true;
    },
  };
}

async function inherit({
  clocks,
  shard,
  parentsOf,
}: OpenShardClockOptions): Promise<{ start: ClockSnapshot; follows: readonly string[] }> {
  let start = unsetClock;
  const follows: string[] = [];
  if (clocks.size === 0) return { start, follows };
  const lineage = new Set([shard]);
  // A set is walked through what is added on the way, too.
  for (const each of lineage) {
    const clock = clocks.get(each);
    if (clock === undefined) {
      for (const parent of await parentsOf(each)) lineage.add(parent);
      continue;
    }
    follows.push(each);
    const { newestMs, arrivalMs } = clock;
    if ((newestMs ?? -Infinity) > (start.newestMs ?? -Infinity))
      start = { ...unsetClock, newestMs, arrivalMs };
  }
  return { start, follows };
}

function partitionOf(model: string): string {
  return `${model}#clock`;
}

function encode(snapshot: ClockSnapshot, follows: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify({ ...snapshot, ...(follows.length > 0 && { follows }) }));
}

interface KeptClock extends Partial<ClockSnapshot> {
  readonly follows?: readonly string[];
}

function decode({ mark, body }: ShardPart): ShardClockState {
  try {
    const { newestMs, arrivalMs, ahead, follows = [] }: KeptClock = JSON.parse(Buffer.from(body).toString());
    return { mark, newestMs, arrivalMs, ahead, follows };
  } catch (cause) {
    throw new InvariantError(`clock at ${mark}: got ${body.length} bytes that are no JSON object`, { cause });
  }
}
