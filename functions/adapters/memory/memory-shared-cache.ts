import type { SharedLookup, SharedResultCache } from "../../core/cache/shared-result-cache.ts";

export interface MemorySharedCacheOptions {
  readonly ttlSeconds: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Shared results in a map. Like the table it may hold expired entries, and does not give them out. */
export class MemorySharedCache implements SharedResultCache {
  readonly #entries = new Map<string, { readonly outputs: string; readonly expiresAtMs: number }>();
  readonly #options: MemorySharedCacheOptions;

  constructor(options: MemorySharedCacheOptions) {
    this.#options = options;
  }

  async get(keys: readonly string[]): Promise<SharedLookup> {
    const nowMs = this.#options.now();
    const found = new Map<string, string>();
    for (const key of keys) {
      const entry = this.#entries.get(key);
      if (entry !== undefined && entry.expiresAtMs > nowMs) found.set(key, entry.outputs);
    }
    return { found, failed: false };
  }

  async set(entries: ReadonlyMap<string, string>): Promise<boolean> {
    const expiresAtMs = this.#options.now() + this.#options.ttlSeconds * 1_000;
    for (const [key, outputs] of entries) this.#entries.set(key, { outputs, expiresAtMs });
    return true;
  }
}
