import type { ModelDigest } from "../../contract/ids.ts";
import { type LayoutStore, layoutKey } from "../../core/outcome/layout-store.ts";
import { parseLayout, type StoredLayout } from "../../core/outcome/stored-layout.ts";
import { callAws } from "./call-aws.ts";
import type { ObjectClient } from "./object-client.ts";
import { readBody } from "./read-body.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3LayoutStoreOptions {
  readonly client: ObjectClient;
  readonly bucket: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Far more than the layout of any model with features that a person named. */
const maxBytes = 16 * 2 ** 20;

/** Layouts of published versions in S3, beside their files. */
export class S3LayoutStore implements LayoutStore {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #retry: Retry;

  constructor(options: S3LayoutStoreOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#retry = options.retry ?? defaultRetry;
  }

  async read(model: string, digest: ModelDigest): Promise<StoredLayout | undefined> {
    const key = layoutKey(model, digest);
    const bytes = await callAws(`s3 GetObject ${this.#bucket}/${key}`, this.#retry, async () => {
      const object = await this.#client.get({ bucket: this.#bucket, key });
      return object && (await readBody(object, { key, maxBytes }));
    });
    return bytes && parseLayout(bytes, key);
  }

  async write(model: string, digest: ModelDigest, layout: StoredLayout): Promise<void> {
    const place = { bucket: this.#bucket, key: layoutKey(model, digest) };
    const content = Buffer.from(JSON.stringify(layout));
    await callAws(`s3 PutObject ${place.bucket}/${place.key}`, this.#retry, () =>
      this.#client.put(place, content, "application/json"),
    );
  }
}
