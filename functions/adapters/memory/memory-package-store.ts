import type { ModelDigest } from "../../contract/ids.ts";
import { type PackageFileName, packageFileNames, packageKey } from "../../contract/manifest.ts";
import { damaged, openManifest, sealManifest, verifyFile } from "../../core/inference/package-digest.ts";
import type { PackageFiles, PackageStore } from "../../core/inference/package-store.ts";

/** Published packages in a map from S3 key to bytes. */
export class MemoryPackageStore implements PackageStore {
  /** What is stored, by key; open to tests that damage it. */
  readonly objects = new Map<string, Uint8Array>();

  async read(
    model: string,
    digest: ModelDigest,
    only: readonly PackageFileName[] = packageFileNames,
  ): Promise<PackageFiles> {
    const bytes = this.objects.get(packageKey(model, digest, "manifest.json"));
    if (bytes === undefined) {
      throw damaged(`${packageKey(model, digest, "manifest.json")}: missing`, { model, digest });
    }
    const manifest = openManifest(bytes, digest);
    const names = packageFileNames.filter(
      (name) => only.includes(name) && manifest.files[name] !== undefined,
    );
    return new Map(
      names.map((name) => [
        name,
        verifyFile(manifest, name, this.objects.get(packageKey(model, digest, name))).slice(),
      ]),
    );
  }

  async write(model: string, files: PackageFiles): Promise<ModelDigest> {
    const { bytes, digest } = sealManifest(files);
    for (const [name, content] of files) this.objects.set(packageKey(model, digest, name), content.slice());
    this.objects.set(packageKey(model, digest, "manifest.json"), bytes);
    return digest;
  }
}
