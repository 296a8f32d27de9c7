/**
 * Results that every function of a stage shares, by exact feature bytes.
 *
 * Never throws and never takes long: it has a time-out of its own, and what it did not find in time has to be run.
 */
export interface SharedResultCache {
  get(keys: readonly string[]): Promise<SharedLookup>;
  /** @returns false when any entry could not be written. */
  set(entries: ReadonlyMap<string, string>): Promise<boolean>;
}

export interface SharedLookup {
  /** Key → outputs; keys that expired are not among them. */
  readonly found: ReadonlyMap<string, string>;
  /** Whether any key could not be asked for. */
  readonly failed: boolean;
}
