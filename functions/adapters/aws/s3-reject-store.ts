import { rejectKey } from "../../contract/reject.ts";
import type { RejectedBatch, RejectStore } from "../../core/reject/reject-store.ts";
import { callAws } from "./call-aws.ts";
import { gzipSame } from "./gzip-same.ts";
import type { ObjectClient } from "./object-client.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3RejectStoreOptions {
  readonly client: ObjectClient;
  readonly bucket: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Rejects in S3: one gzip NDJSON object per batch that has any. */
export class S3RejectStore implements RejectStore {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #retry: Retry;

  constructor(options: S3RejectStoreOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#retry = options.retry ?? defaultRetry;
  }

  async write(batch: RejectedBatch): Promise<void> {
    if (batch.rejects.length === 0) return;
    const lines = batch.rejects.map((reject) => `${JSON.stringify(reject)}\n`).join("");
    const place = { bucket: this.#bucket, key: rejectKey(batch) };
    const content = await gzipSame(lines);
    // The object is the gzip file its name says; Content-Encoding would have clients unpack it unasked.
    await callAws(`s3 PutObject ${place.bucket}/${place.key}`, this.#retry, () =>
      this.#client.put(place, content, "application/gzip"),
    );
  }
}
