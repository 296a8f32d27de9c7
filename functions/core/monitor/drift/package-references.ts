import type { ModelDigest } from "../../../contract/ids.ts";

/** The `reference.json` of published packages: what their versions were trained on. */
export interface PackageReferences {
  /**
   * @returns undefined where a package has none.
   * @throws {ModelArtifactError} `model.digest` when it is not what was published.
   * @throws {DependencyError} when the store cannot be reached.
   */
  read(model: string, digest: ModelDigest): Promise<Uint8Array | undefined>;
}
