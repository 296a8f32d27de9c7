/**
 * What the threads that search for splits share. Typed arrays over one pool's memory, so that none of it is copied.
 *
 * The thread that grows a tree writes `plan` and moves `rows`; every searching thread reads them, and writes its own stretch of `results`.
 */
export interface SearchTable {
  readonly rowCount: number;
  /** Column-major, [columns, rowCount]. */
  readonly bins: Uint8Array;
  /** By column: bins of values; the one of NaN comes after them. */
  readonly valueBins: Uint16Array;
  /** Row numbers, those of one node side by side. */
  readonly rows: Uint32Array;
  /** First and second derivative of `rows[i]` at `2 * i`. */
  readonly pairs: Float32Array;
  /** By column: 1 where this tree may look. */
  readonly isOpen: Uint8Array;
  /** Number of families, then {@link familyFields} of each. */
  readonly plan: Float64Array;
  /** [threads, nodes of a level, {@link resultFields}] */
  readonly results: Float64Array;
  readonly maxNodes: number;
  readonly rules: SplitRules;
}

export interface SplitRules {
  readonly lambda: number;
  readonly minGain: number;
  readonly minChildWeight: number;
}

/**
 * Two siblings, or the root alone. The histogram of the built one is summed over its rows; the other's is what that leaves of its parent's,
 * whose place it takes.
 */
export const familyFields = {
  builtFrom: 0,
  builtTo: 1,
  builtSlot: 2,
  /** -1: none. */
  derivedSlot: 3,
  builtGradient: 4,
  builtCurvature: 5,
  derivedGradient: 6,
  derivedCurvature: 7,
  size: 8,
} as const;

/** Of node `2 * family` (built) and `2 * family + 1` (derived). */
export const resultFields = {
  /** 0: no split is allowed. */
  gain: 0,
  column: 1,
  /** Greatest bin that goes left. */
  bin: 2,
  /** 1 where NaN goes left. */
  missingLeft: 3,
  leftGradient: 4,
  leftCurvature: 5,
  size: 6,
} as const;

/** The search over some columns that one thread makes. */
export interface SearchShare {
  readonly table: SearchTable;
  readonly columns: readonly number[];
  /** Which stretch of `results` is this thread's. */
  readonly thread: number;
}

/** Searches on other threads, of which every level of every tree is one round. */
export interface RemoteSearches {
  /** Have all begin on what `plan` says now. */
  begin(): void;
  /** Wait until all have written their results. @throws when one failed */
  finish(): void;
  close(): Promise<void>;
}

/** Threads to search with. */
export interface SearchPool {
  /** This thread and the others. */
  readonly threads: number;
  /** Memory that all of them see. */
  allocate(sizeBytes: number): ArrayBufferLike;
  /** Start one thread per share. */
  open(shares: readonly SearchShare[]): Promise<RemoteSearches>;
}
