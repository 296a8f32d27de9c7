import type { Mark } from "../state/mark.ts";
import type { Feed } from "./view-program.ts";

/** An event that looks keys up. */
export interface Ask {
  /** One key per lookup of the program. */
  readonly keys: readonly string[];
  /** The event's time. */
  readonly timeMs: number;
}

/** One number of a feature vector, and where it came from. */
export interface WindowExplanation {
  readonly name: string;
  readonly view: string;
  readonly key: string;
  readonly agg: string;
  /** Start of the window's first tile. */
  readonly fromMs: number;
  /** End of its last one, exclusive. */
  readonly toMs: number;
  /** Tiles merged that held anything, the total of a whole block being one. */
  readonly tilesMerged: number;
  /** Items that held anything of the window. */
  readonly itemsRead: number;
  /** The aggregate, or the default, before the feature's transforms. */
  readonly value: number;
  readonly isDefault: boolean;
}

/** What one request may do with the state of views: read. */
export interface ViewReads {
  /**
   * Read what the events need and memory does not have, in parallel; before `read`.
   *
   * @throws {DependencyError} when the store cannot be read.
   * @throws {InvariantError} when an item is damaged.
   */
  load(asks: readonly Ask[]): Promise<void>;
  /**
   * Compute the windowed features of an event that was loaded.
   *
   * @param into - one number per windowed feature, in the program's order; NaN where the window is empty.
   */
  read(keys: readonly string[], timeMs: number, into: Float64Array): void;
  /** What `read` computes, and from what. */
  explain(keys: readonly string[], timeMs: number): WindowExplanation[];
}

/** Why an event was not added to a view: too late for it, or already in it. */
export type Applied = "applied" | "late" | "contained";

/** What one invocation for a shard does with the state of views. */
export interface ViewBatch extends ViewReads {
  /** @param feeds - what the same events feed; before `apply`. */
  load(asks: readonly Ask[], feeds?: readonly Feed[]): Promise<void>;
  /**
   * Add an event to a view, in memory.
   *
   * @param newestMs - the shard's newest event time before this event; -Infinity where there is none.
   */
  apply(feed: Feed, mark: Mark, newestMs: number): Applied;
  /**
   * Write what the invocation added, once, at its end.
   *
   * @param before - only what events below this mark added is written; undefined: all.
   * @param expiresAt - when the items may be forgotten, epoch seconds.
   * @returns the lowest mark among the events whose contribution could not be written; undefined where all could.
   */
  save(before: Mark | undefined, expiresAt: number): Promise<Mark | undefined>;
  /** What the invocation has read and written so far. */
  readonly traffic: Readonly<ViewTraffic>;
}

export interface ViewTraffic {
  /** Ranges asked for. */
  queries: number;
  itemsRead: number;
  itemsWritten: number;
}
