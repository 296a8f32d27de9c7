import type { ModelDigest } from "../../contract/ids.ts";
import type { PackageFileName } from "../../contract/manifest.ts";

/** The files of a published package, by name. */
export type PackageFiles = ReadonlyMap<PackageFileName, Uint8Array>;

/** Published packages, addressed by content. */
export interface PackageStore {
  /**
   * Read a published package and verify every file that is read against the digest.
   *
   * @param only - files that are wanted, of those that it has. @default all
   * @throws {ModelArtifactError} `model.digest` when a file is missing or differs from the manifest.
   * @throws {DependencyError} when the store cannot be reached.
   */
  read(model: string, digest: ModelDigest, only?: readonly PackageFileName[]): Promise<PackageFiles>;
  /** Write a package under its digest; writing an equal one again changes nothing. @returns the digest. */
  write(model: string, files: PackageFiles): Promise<ModelDigest>;
}
