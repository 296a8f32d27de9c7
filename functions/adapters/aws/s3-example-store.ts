import { type ExampleBatch, type ExampleStore, exampleObjects } from "../../core/outcome/example-store.ts";
import { callAws } from "./call-aws.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { gzipSame } from "./gzip-same.ts";
import type { ObjectClient } from "./object-client.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3ExampleStoreOptions {
  readonly client: ObjectClient;
  readonly bucket: string;
  /** Puts in flight at once: outcomes of one batch may lie in many hours. @default 16 */
  readonly concurrency?: number;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Examples and early outcomes in S3: gzip NDJSON under `examples/…` and `early/…`. */
export class S3ExampleStore implements ExampleStore {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #concurrency: number;
  readonly #retry: Retry;

  constructor(options: S3ExampleStoreOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#concurrency = options.concurrency ?? 16;
    this.#retry = options.retry ?? defaultRetry;
  }

  async write(batch: ExampleBatch): Promise<void> {
    const objects = exampleObjects(batch);
    const failures: unknown[] = [];
    await forEachBounded(objects.length, this.#concurrency, async (i) => {
      const { key, lines } = objects[i]!;
      try {
        await this.#put(key, await gzipSame(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
      } catch (error) {
        failures.push(error);
      }
    });
    if (failures.length > 0) throw failures[0];
  }

  async #put(key: string, content: Uint8Array): Promise<void> {
    const place = { bucket: this.#bucket, key };
    // The object is the gzip file its name says; Content-Encoding would have clients unpack it unasked.
    await callAws(`s3 PutObject ${place.bucket}/${place.key}`, this.#retry, () =>
      this.#client.put(place, content, "application/gzip"),
    );
  }
}
