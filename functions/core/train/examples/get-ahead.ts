import type { ObjectReader } from "./object-reader.ts";

export interface FetchedObject {
  readonly key: string;
  /** Undefined where it is gone. */
  readonly bytes: Uint8Array | undefined;
}

/** Objects asked for before they are needed: a shard writes one per batch, and each takes a round trip. */
const objectsAhead = 16;

/**
 * Get objects in the order of their keys, some of them ahead of whoever reads. Memory holds those.
 *
 * @throws {DependencyError} when the store cannot be reached, in the place of the object that it struck.
 */
export async function* getAhead(
  store: Pick<ObjectReader, "get">,
  keys: readonly string[],
): AsyncGenerator<FetchedObject> {
  const waiting: Promise<Uint8Array | undefined>[] = [];
  for (const [i, key] of keys.entries()) {
    for (let next = i + waiting.length; next < Math.min(keys.length, i + objectsAhead); next++) {
      const getting = store.get(keys[next]!);
      // It is thrown when its turn has come, and by nobody else where that never comes.
      getting.catch(() => undefined);
      waiting.push(getting);
    }
    yield { key, bytes: await waiting.shift()! };
  }
}
