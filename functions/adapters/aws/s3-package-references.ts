import type { ModelDigest } from "../../contract/ids.ts";
import { packageKey } from "../../contract/manifest.ts";
import { maxReferenceBytes } from "../../contract/reference.ts";
import { damaged, openManifest, verifyFile } from "../../core/inference/package-digest.ts";
import type { PackageReferences } from "../../core/monitor/drift/package-references.ts";
import { callAws } from "./call-aws.ts";
import type { ObjectClient } from "./object-client.ts";
import { readBody } from "./read-body.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3PackageReferencesOptions {
  readonly client: ObjectClient;
  readonly bucket: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** The `reference.json` of published packages in S3, verified against the digest. */
export class S3PackageReferences implements PackageReferences {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #retry: Retry;

  constructor(options: S3PackageReferencesOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#retry = options.retry ?? defaultRetry;
  }

  async read(model: string, digest: ModelDigest): Promise<Uint8Array | undefined> {
    const key = packageKey(model, digest, "manifest.json");
    const bytes = await this.#get(key);
    if (bytes === undefined) throw damaged(`${key}: missing`, { model, digest });
    const manifest = openManifest(bytes, digest);
    if (manifest.files["reference.json"] === undefined) return undefined;
    return verifyFile(
      manifest,
      "reference.json",
      await this.#get(packageKey(model, digest, "reference.json")),
    );
  }

  #get(key: string): Promise<Uint8Array | undefined> {
    return callAws(`s3 GetObject ${this.#bucket}/${key}`, this.#retry, async () => {
      const object = await this.#client.get({ bucket: this.#bucket, key });
      return object && (await readBody(object, { key, maxBytes: maxReferenceBytes }));
    });
  }
}
