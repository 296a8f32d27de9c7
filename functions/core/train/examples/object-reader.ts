/** A bucket, as far as reading many objects of it needs one. */
export interface ObjectReader {
  /** Keys under a prefix, ascending by their UTF-8 bytes. @throws {DependencyError} when the store cannot be reached */
  list(prefix: string): AsyncIterable<string>;
  /** @returns undefined when the object is gone, by a lifecycle rule for one. @throws {DependencyError} as `list` does */
  get(key: string): Promise<Uint8Array | undefined>;
}

/** A bucket that is written to as well. */
export interface ObjectStore extends ObjectReader {
  /** @throws {DependencyError} when the store cannot be reached */
  put(key: string, body: Uint8Array, contentType: string): Promise<void>;
}
