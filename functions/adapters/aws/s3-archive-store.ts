import { type ArchivedRange, archiveKey } from "../../contract/archived-event.ts";
import type { ArchiveStore } from "../../core/archive/archive-store.ts";
import { callAws } from "./call-aws.ts";
import type { ObjectClient } from "./object-client.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3ArchiveStoreOptions {
  readonly client: ObjectClient;
  /** The data bucket. */
  readonly bucket: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** The archive in S3, under `archive/<yyyy>/<mm>/<dd>/<hh>/`. */
export class S3ArchiveStore implements ArchiveStore {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #retry: Retry;

  constructor(options: S3ArchiveStoreOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#retry = options.retry ?? defaultRetry;
  }

  async write(range: ArchivedRange, lines: Uint8Array): Promise<void> {
    const place = { bucket: this.#bucket, key: archiveKey(range) };
    // The object is the gzip file its name says; Content-Encoding would have clients unpack it unasked.
    await callAws(`s3 PutObject ${place.bucket}/${place.key}`, this.#retry, () =>
      this.#client.put(place, lines, "application/gzip"),
    );
  }
}
