import type { ObjectStore } from "../../core/train/examples/object-reader.ts";
import { callAws } from "./call-aws.ts";
import type { ObjectClient } from "./object-client.ts";
import { readBody } from "./read-body.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3ObjectStoreOptions {
  readonly client: ObjectClient;
  readonly bucket: string;
  /** Greatest size of an object that is read, in bytes. @default 256 MiB */
  readonly maxBytes?: number;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** A bucket of S3. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #maxBytes: number;
  readonly #retry: Retry;

  constructor(options: S3ObjectStoreOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#maxBytes = options.maxBytes ?? 256 * 2 ** 20;
    this.#retry = options.retry ?? defaultRetry;
  }

  /** Page by page as the keys are asked for. Each page goes on behind a key, so that one may be asked for again, however late. */
  async *list(prefix: string): AsyncGenerator<string> {
    const bucket = this.#bucket;
    let startAfter: string | undefined;
    for (;;) {
      const range = { bucket, prefix, startAfter };
      const { keys, isTruncated } = await callAws(
        `s3 ListObjectsV2 ${bucket}/${prefix}`,
        this.#retry,
        async () => await this.#client.list(range),
      );
      yield* keys;
      // An empty page has nothing to go on behind.
      if (!isTruncated || keys.length === 0) return;
      startAfter = keys.at(-1);
    }
  }

  /** @throws {ModelArtifactError} `model.digest` for an object above `maxBytes`, of which nothing is read. */
  async get(key: string): Promise<Uint8Array | undefined> {
    return await callAws(`s3 GetObject ${this.#bucket}/${key}`, this.#retry, async () => {
      const object = await this.#client.get({ bucket: this.#bucket, key });
      return object && (await readBody(object, { key, maxBytes: this.#maxBytes }));
    });
  }

  async put(key: string, body: Uint8Array, contentType: string): Promise<void> {
    const place = { bucket: this.#bucket, key };
    await callAws(`s3 PutObject ${place.bucket}/${place.key}`, this.#retry, () =>
      this.#client.put(place, body, contentType),
    );
  }
}
