import type { Mark } from "../state/mark.ts";
import { saveCounts } from "../state/save-counts.ts";
import type { ShardStateStore, StateItem, StateRange } from "../state/shard-state-store.ts";
import {
  type AccuracyPartial,
  addOutcome,
  decodeAccuracy,
  emptyAccuracy,
  encodeAccuracy,
  type ScoredOutcome,
  totalAccuracy,
} from "./accuracy/accuracy-partial.ts";

/** What one partial is of: predictions of one hour of event time, made under one role by one version. */
export interface AccuracyKey {
  /** `yyyy-mm-ddThh`, UTC. */
  readonly hour: string;
  readonly role: string;
  readonly digest: string;
}

/** One joined outcome, to be counted. */
export interface CountedOutcome extends AccuracyKey {
  readonly mark: Mark;
  readonly scored: ScoredOutcome;
}

export interface AccuracySave {
  readonly store: ShardStateStore;
  readonly model: string;
  readonly shard: string;
  /** In stream order. */
  readonly outcomes: readonly CountedOutcome[];
  /** When the items may be forgotten, epoch seconds. */
  readonly expiresAt: number;
}

/**
 * Count outcomes into this shard's partials, each once however often it is given: what a partial's mark covers is in it.
 *
 * @returns the lowest mark that is not counted, undefined where all are.
 * @throws {DependencyError} when the partials cannot be read.
 */
export function saveAccuracy({ model, outcomes, ...save }: AccuracySave): Promise<Mark | undefined> {
  return saveCounts({ ...save, partitionKey: partitionKeyOf(model), items: outcomes, sortKeyOf, countIn });
}

/** One partial over all shards. */
export interface StoredAccuracy extends AccuracyKey {
  readonly partial: AccuracyPartial;
}

/**
 * Read how good a model's predictions of some hours were.
 *
 * @param span - first and last instant of event time, epoch milliseconds; the whole of their hours is read.
 * @returns a partial per hour, role and version, ascending by hour.
 * @throws {DependencyError} when the store cannot be read.
 */
export async function readAccuracy(
  store: ShardStateStore,
  model: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<StoredAccuracy[]> {
  // Behind "#" stands a role, in lower-case letters: "~" is above them all.
  const range: StateRange = {
    partitionKey: partitionKeyOf(model),
    from: `${hourOf(new Date(fromMs).toISOString())}#`,
    to: `${hourOf(new Date(toMs).toISOString())}#~`,
  };
  const [items] = await store.read([range]);
  return items!.map(storedOf);
}

/** The hour of an ISO 8601 instant in UTC: `yyyy-mm-ddThh`. */
export function hourOf(instant: string): string {
  return instant.slice(0, instant.indexOf(":"));
}

function storedOf({ sortKey, parts }: StateItem): StoredAccuracy {
  const [hour = "", role = "", digest = ""] = sortKey.split("#");
  const partial = totalAccuracy([...parts.values()].map(({ body }) => decodeAccuracy(body)))!;
  return { hour, role, digest, partial };
}

function countIn(standing: Uint8Array | undefined, fresh: readonly CountedOutcome[]): Uint8Array {
  const partial = standing === undefined ? emptyAccuracy(fresh[0]!.scored) : decodeAccuracy(standing);
  for (const { scored } of fresh) addOutcome(partial, scored);
  return encodeAccuracy(partial);
}

function partitionKeyOf(model: string): string {
  return `${model}#accuracy`;
}

function sortKeyOf({ hour, role, digest }: AccuracyKey): string {
  return `${hour}#${role}#${digest}`;
}
