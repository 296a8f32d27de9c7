import { createHash } from "node:crypto";
import { hourOf } from "../../outcome/accuracy-store.ts";
import type { Mark } from "../../state/mark.ts";
import { saveCounts } from "../../state/save-counts.ts";
import type { ShardStateStore, StateItem, StateRange } from "../../state/shard-state-store.ts";
import type { PairLosses } from "./pair-losses.ts";
import {
  addPair,
  decodePairs,
  emptyPairs,
  encodePairs,
  type PairPartial,
  totalPairs,
} from "./pair-partial.ts";

/** Which pairs one partial is of: those whose outcomes came true in one hour. */
export interface PairKey {
  /** Of the outcome: `yyyy-mm-ddThh`, UTC. */
  readonly hour: string;
  /** The champion's digest. */
  readonly champion: string;
  /** The digest that is compared with it. */
  readonly other: string;
  /** As what it was scored: `challenger` or `shadow`. */
  readonly role: string;
  /** Undefined for all events together. */
  readonly segment: PairSegment | undefined;
}

/** A part of the traffic. */
export interface PairSegment {
  /** As the package names it. */
  readonly name: string;
  /** One of those that the package lists; null for all others together. */
  readonly value: string | null;
}

/** One event that two versions scored, to be counted. */
export interface CountedPair extends PairKey {
  readonly mark: Mark;
  readonly losses: PairLosses;
}

export interface PairSave {
  readonly store: ShardStateStore;
  readonly model: string;
  readonly shard: string;
  /** In stream order. */
  readonly pairs: readonly CountedPair[];
  /** When the items may be forgotten, epoch seconds. */
  readonly expiresAt: number;
}

/**
 * Count pairs into this shard's partials, each once however often it is given: what a partial's mark covers is in it.
 *
 * @returns the lowest mark that is not counted, undefined where all are.
 * @throws {DependencyError} when the partials cannot be read.
 */
export function savePairs({ model, pairs, ...save }: PairSave): Promise<Mark | undefined> {
  return saveCounts({ ...save, partitionKey: partitionKeyOf(model), items: pairs, sortKeyOf, countIn });
}

/** One partial over all shards. */
export interface StoredPairs extends PairKey {
  readonly partial: PairPartial;
}

/**
 * Read how versions of a model compared on outcomes of some hours.
 *
 * @param span - first and last instant of the outcomes' time, epoch milliseconds; the whole of their hours is read.
 * @returns a partial per hour, pair of versions, role and segment, ascending by hour.
 * @throws {DependencyError} when the store cannot be read.
 */
export async function readPairs(
  store: ShardStateStore,
  model: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<StoredPairs[]> {
  // Behind "#" stands a digest, in digits and lower-case letters: "~" is above them all.
  const range: StateRange = {
    partitionKey: partitionKeyOf(model),
    from: `${hourOf(new Date(fromMs).toISOString())}#`,
    to: `${hourOf(new Date(toMs).toISOString())}#~`,
  };
  const [items] = await store.read([range]);
  return items!.map(storedOf);
}

function countIn(standing: Uint8Array | undefined, fresh: readonly CountedPair[]): Uint8Array {
  const partial = standing === undefined ? emptyPairs() : decodePairs(standing);
  for (const { losses } of fresh) addPair(partial, losses);
  return encodePairs(partial);
}

function partitionKeyOf(model: string): string {
  return `${model}#verdict`;
}

/** DynamoDB bounds a sort key at 1,024 bytes, of which the rest of it takes at most 230. */
const maxValueBytes = 512;

function sortKeyOf({ hour, champion, other, role, segment }: PairKey): string {
  const name = segment?.name ?? "";
  return [hour, champion, other, role, name, segment === undefined ? "" : keyText(segment.value)].join("#");
}

/** A value as JSON text, which tells null from "null"; one that is too long for a key by its hash. */
function keyText(value: string | null): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) <= maxValueBytes) return text;
  return JSON.stringify(`sha256:${createHash("sha256").update(text).digest("hex")}`);
}

function storedOf({ sortKey, parts }: StateItem): StoredPairs {
  const [hour = "", champion = "", other = "", role = "", name = "", ...value] = sortKey.split("#");
  const segment = name === "" ? undefined : { name, value: JSON.parse(value.join("#")) as string | null };
  const partial = totalPairs([...parts.values()].map(({ body }) => decodePairs(body)));
  return { hour, champion, other, role, segment, partial };
}
