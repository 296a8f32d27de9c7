import type { ModelDigest } from "../../contract/ids.ts";
import type { StoredLayout } from "./stored-layout.ts";

/** Where the layouts of published versions stand. */
export interface LayoutStore {
  /**
   * @returns undefined where the version has none: it was published before there were layouts.
   * @throws {ModelArtifactError} `model.package` when it cannot be understood.
   * @throws {DependencyError} when the store cannot be reached.
   */
  read(model: string, digest: ModelDigest): Promise<StoredLayout | undefined>;
  /** @throws {DependencyError} when the store cannot be reached. */
  write(model: string, digest: ModelDigest, layout: StoredLayout): Promise<void>;
}

/** S3 key of a version's layout. */
export function layoutKey(model: string, digest: ModelDigest): string {
  return `models/${model}/${digest}/layout.json`;
}
