import type { ModelDigest } from "../../contract/ids.ts";
import type { Role } from "../../contract/ledger.ts";
import type { ShardStateStore } from "../state/shard-state-store.ts";
import { mergeSketches, type Sketch } from "./sketch.ts";
import { decodeSketch } from "./sketch-codec.ts";
import type { SketchKey } from "./sketch-recorder.ts";

/** What a version was asked and what it said in one hour of event time. */
export interface StoredSketch extends SketchKey {
  /** Over all writers. */
  readonly sketch: Sketch;
}

/** Which sketches are wanted. */
export interface SketchSpan {
  /** First and last instant of event time, epoch milliseconds; the whole of their hours is read. */
  readonly fromMs: number;
  readonly toMs: number;
  /** @default every role */
  readonly role?: Role;
  /** @default every version */
  readonly digest?: ModelDigest;
}

/**
 * Read a model's sketches of some hours.
 *
 * @returns one per hour, role and version, ascending by hour.
 * @throws {DependencyError} when the store cannot be read.
 */
export async function readSketches(
  store: ShardStateStore,
  model: string,
  { fromMs, toMs, role, digest }: SketchSpan,
): Promise<StoredSketch[]> {
  const partitionKey = sketchPartition(model);
  // Behind "#" stands a role, in lower-case letters: "~" is above them all.
  const [items] = await store.read([
    { partitionKey, from: `${sketchHour(fromMs)}#`, to: `${sketchHour(toMs)}#~` },
  ]);
  const wanted = items!
    .map(({ sortKey, parts }) => ({ ...parseSketchSortKey(sortKey), parts }))
    .filter((each) => (role ?? each.role) === each.role && (digest ?? each.digest) === each.digest);
  return [...Map.groupBy(wanted, ({ hour, role, digest }) => `${hour}#${role}#${digest}`).values()].map(
    (group) => {
      const { hour, role, digest } = group[0]!;
      const bodies = group.flatMap(({ parts }) => [...parts.values()].map(({ body }) => body));
      return { hour, role, digest, sketch: mergeSketches(bodies.map(decodeSketch)) };
    },
  );
}

/** The hour of an instant in UTC, `yyyy-mm-ddThh`. */
export function sketchHour(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, "yyyy-mm-ddThh".length);
}

export function sketchPartition(model: string): string {
  return `${model}#sketch`;
}

/** Each writer has an item of its own: it is rewritten whole every few seconds. */
export function sketchSortKey({ hour, role, digest }: SketchKey, writer: string): string {
  return `${hour}#${role}#${digest}#${writer}`;
}

function parseSketchSortKey(sortKey: string): SketchKey {
  const [hour, role, digest] = sortKey.split("#");
  return { hour: hour!, role: role as Role, digest: digest as ModelDigest };
}
