/**
 * Results by exact feature bytes. A cache can only save work: a miss, an error or a slow answer costs nothing but
 * the run it would have saved.
 *
 * A key covers the model's digest and the exact bytes of the encoded row, so a hit is the same computation.
 */
export interface ResultCache {
  /** The encoded outputs stored under `key`, or undefined. */
  get(key: string): string | undefined;
  set(key: string, outputs: string): void;
}
