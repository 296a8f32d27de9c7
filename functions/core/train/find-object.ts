import type { ObjectReader } from "./examples/object-reader.ts";

/**
 * Read an object that may not be there yet.
 *
 * It is listed first: S3 tells a reader who may list only some prefixes that an object which is not there is forbidden.
 *
 * @throws {DependencyError} when the store cannot be reached.
 */
export async function findObject(store: ObjectReader, key: string): Promise<Uint8Array | undefined> {
  // Of all keys that begin so the key itself comes first.
  for await (const found of store.list(key)) return found === key ? await store.get(key) : undefined;
  return undefined;
}
