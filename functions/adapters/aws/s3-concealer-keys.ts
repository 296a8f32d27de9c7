import { concealerKeyBytes, concealerKeyName } from "../../contract/concealer-key.ts";
import { HeadraceError, ModelArtifactError } from "../../core/errors.ts";
import type { ConcealerKeys } from "../../core/private/concealer-keys.ts";
import { isAwsError } from "./aws-errors.ts";
import { callAws } from "./call-aws.ts";
import type { ObjectClient } from "./object-client.ts";
import { readBody } from "./read-body.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3ConcealerKeysOptions {
  readonly client: ObjectClient;
  /** The models bucket. */
  readonly bucket: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Concealer keys in the models bucket, under `keys/<model>`; each is read once per environment. */
export class S3ConcealerKeys implements ConcealerKeys {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #retry: Retry;
  readonly #keys = new Map<string, Promise<Uint8Array>>();

  constructor(options: S3ConcealerKeysOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#retry = options.retry ?? defaultRetry;
  }

  read(model: string): Promise<Uint8Array> {
    const known = this.#keys.get(model);
    if (known !== undefined) return known;
    const reading = this.#read(model);
    this.#keys.set(model, reading);
    // A failure is not remembered: the next batch tries again.
    reading.catch(() => this.#keys.delete(model));
    return reading;
  }

  async #read(model: string): Promise<Uint8Array> {
    const key = concealerKeyName(model);
    const bytes = await callAws(`s3 GetObject ${this.#bucket}/${key}`, this.#retry, async () => {
      try {
        const object = await this.#client.get({ bucket: this.#bucket, key });
        return object && (await readBody(object, { key, maxBytes: concealerKeyBytes }));
      } catch (error) {
        // So S3 answers for an object that is not there where listing is not allowed.
        if (isAwsError(error, "AccessDenied"))
          throw noKey(model, "missing, or not to be read by this role", error);
        if (error instanceof HeadraceError && error.code === "model.digest")
          throw noKey(model, "longer than a key", error);
        throw error;
      }
    });
    if (bytes === undefined) throw noKey(model, "missing");
    if (bytes.byteLength !== concealerKeyBytes) throw noKey(model, `of ${bytes.byteLength} bytes`);
    return bytes;
  }
}

function noKey(model: string, got: string, cause?: unknown): ModelArtifactError {
  return new ModelArtifactError(
    `model "${model}": declares private paths, and its key ${concealerKeyName(model)} in the models bucket is ${got}; restore the key's ${concealerKeyBytes} bytes, or publish the package again to have a new one made`,
    { code: "model.package", details: { model, key: concealerKeyName(model) }, cause },
  );
}
