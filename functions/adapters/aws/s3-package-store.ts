import type { ModelDigest } from "../../contract/ids.ts";
import { type PackageFileName, packageFileNames, packageKey } from "../../contract/manifest.ts";
import { damaged, openManifest, sealManifest, verifyFile } from "../../core/inference/package-digest.ts";
import type { PackageFiles, PackageStore } from "../../core/inference/package-store.ts";
import { callAws } from "./call-aws.ts";
import type { ObjectClient } from "./object-client.ts";
import { readBody } from "./read-body.ts";
import { defaultRetry, type Retry } from "./retry.ts";

export interface S3PackageStoreOptions {
  readonly client: ObjectClient;
  readonly bucket: string;
  /** Greatest size of one file, in bytes. @default 1 GiB */
  readonly maxFileBytes?: number;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** In every package, so they are asked for before the manifest has named them: a cold start waits for one round trip. */
const requiredFiles: readonly PackageFileName[] = ["model.json", "model.onnx"];

/** Published packages in S3, under `models/<model>/<digest>/`. */
export class S3PackageStore implements PackageStore {
  readonly #client: ObjectClient;
  readonly #bucket: string;
  readonly #maxFileBytes: number;
  readonly #retry: Retry;

  constructor(options: S3PackageStoreOptions) {
    this.#client = options.client;
    this.#bucket = options.bucket;
    this.#maxFileBytes = options.maxFileBytes ?? 2 ** 30;
    this.#retry = options.retry ?? defaultRetry;
  }

  async read(
    model: string,
    digest: ModelDigest,
    only: readonly PackageFileName[] = packageFileNames,
  ): Promise<PackageFiles> {
    const get = (name: PackageFileName | "manifest.json") => this.#get(packageKey(model, digest, name));
    const [manifestBytes, ...early] = await Promise.all([get("manifest.json"), ...requiredFiles.map(get)]);
    if (manifestBytes === undefined) {
      throw damaged(`${packageKey(model, digest, "manifest.json")}: missing`, { model, digest });
    }
    const manifest = openManifest(manifestBytes, digest);
    const files = await Promise.all(
      packageFileNames
        .filter((name) => only.includes(name) && manifest.files[name] !== undefined)
        .map(async (name): Promise<[PackageFileName, Uint8Array]> => {
          const position = requiredFiles.indexOf(name);
          return [name, verifyFile(manifest, name, position >= 0 ? early[position] : await get(name))];
        }),
    );
    return new Map(files);
  }

  /** The manifest goes last: a package whose manifest stands is whole, unless something was removed since. */
  async write(model: string, files: PackageFiles): Promise<ModelDigest> {
    const { bytes, digest } = sealManifest(files);
    await Promise.all(
      [...files].map(([name, content]) => this.#fill(packageKey(model, digest, name), content)),
    );
    await this.#fill(packageKey(model, digest, "manifest.json"), bytes);
    return digest;
  }

  async #get(key: string): Promise<Uint8Array | undefined> {
    return callAws(`s3 GetObject ${this.#bucket}/${key}`, this.#retry, async () => {
      const object = await this.#client.get({ bucket: this.#bucket, key });
      return object && (await readBody(object, { key, maxBytes: this.#maxFileBytes }));
    });
  }

  /** Put an object unless one of that size stands: the key holds the digest, so it is the same one. */
  async #fill(key: string, content: Uint8Array): Promise<void> {
    const place = { bucket: this.#bucket, key };
    const sizeBytes = await callAws(`s3 HeadObject ${this.#bucket}/${key}`, this.#retry, () =>
      this.#client.sizeOf(place),
    );
    if (sizeBytes === content.byteLength) return;
    const type = key.endsWith(".json") ? "application/json" : "application/octet-stream";
    await callAws(`s3 PutObject ${this.#bucket}/${key}`, this.#retry, () =>
      this.#client.put(place, content, type),
    );
  }
}
