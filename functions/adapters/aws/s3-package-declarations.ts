import type { ModelDigest } from "../../contract/ids.ts";
import { packageKey } from "../../contract/manifest.ts";
import type { ModelPackage } from "../../contract/model-package.ts";
import { type PackageDeclarations, parseDeclaration } from "../../core/inference/package-declarations.ts";
import { damaged, openManifest, verifyFile } from "../../core/inference/package-digest.ts";
import { callAws } from "./call-aws.ts";
import type { ObjectClient } from "./object-client.ts";
import { readBody } from "./read-body.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3PackageDeclarationsOptions {
  readonly client: ObjectClient;
  readonly bucket: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Far above what a folder to be published may hold. */
const maxFileBytes = 16 * 2 ** 20;

/** The `model.json` of published packages in S3, verified against the digest. */
export class S3PackageDeclarations implements PackageDeclarations {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #retry: Retry;

  constructor(options: S3PackageDeclarationsOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#retry = options.retry ?? defaultRetry;
  }

  async read(model: string, digest: ModelDigest): Promise<ModelPackage> {
    const [manifest, declaration] = await Promise.all([
      this.#get(packageKey(model, digest, "manifest.json")),
      this.#get(packageKey(model, digest, "model.json")),
    ]);
    if (manifest === undefined) {
      throw damaged(`${packageKey(model, digest, "manifest.json")}: missing`, { model, digest });
    }
    return parseDeclaration(verifyFile(openManifest(manifest, digest), "model.json", declaration));
  }

  #get(key: string): Promise<Uint8Array | undefined> {
    return callAws(`s3 GetObject ${this.#bucket}/${key}`, this.#retry, async () => {
      const object = await this.#client.get({ bucket: this.#bucket, key });
      return object && (await readBody(object, { key, maxBytes: maxFileBytes }));
    });
  }
}
