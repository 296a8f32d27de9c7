import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { rejectKey } from "../../contract/reject.ts";
import type { RejectedBatch, RejectStore } from "../../core/reject/reject-store.ts";
import { callAws } from "./call-aws.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3RejectStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Rejects in S3: one gzip NDJSON object per batch that has any. */
export class S3RejectStore implements RejectStore {
  readonly #client: S3Client;
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
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: rejectKey(batch),
      Body: await gzipSame(lines),
      // The object is the gzip file its name says; Content-Encoding would have clients unpack it unasked.
      ContentType: "application/gzip",
    });
    await callAws(`s3 PutObject ${this.#bucket}/${rejectKey(batch)}`, this.#retry, () =>
      this.#client.send(command),
    );
  }
}

/**
 * Gzip whose header says nothing of the machine or the hour: the same lines give the same bytes.
 *
 * Node writes no time already; only the operating system it ran on.
 */
async function gzipSame(text: string): Promise<Uint8Array> {
  const bytes = await promisify(gzip)(text);
  bytes[9] = 255; // OS: unknown, RFC 1952 2.3.1
  return bytes;
}
