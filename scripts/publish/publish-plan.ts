import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import type { PackageFiles } from "../../functions/core/inference/package-store.ts";
import type { StoredLayout } from "../../functions/core/outcome/stored-layout.ts";

/** A package that passed every check, ready to be written. */
export interface PublishPlan {
  readonly package: ModelPackage;
  /** The files as they will be stored: the model normalised. */
  readonly files: PackageFiles;
  /** Names the files as stored. */
  readonly digest: ModelDigest;
  /** How its stored feature rows are laid out; undefined where they hold text and are not stored. */
  readonly layout: StoredLayout | undefined;
  /** The same over the files as they stand in the folder: where the published ones came from. */
  readonly sourceDigest: string;
  /** What normalisation did to the model, in words. */
  readonly changes: readonly string[];
  /** What is allowed but probably not meant. */
  readonly warnings: readonly string[];
  /** Golden samples that the model reproduced. */
  readonly sampleCount: number;
}
