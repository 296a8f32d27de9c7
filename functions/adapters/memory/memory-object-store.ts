import type { ObjectStore } from "../../core/train/examples/object-reader.ts";

/** A bucket in memory. */
export class MemoryObjectStore implements ObjectStore {
  readonly objects = new Map<string, Uint8Array>();

  async *list(prefix: string): AsyncGenerator<string> {
    yield* [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.objects.get(key)?.slice();
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    this.objects.set(key, body.slice());
  }
}
