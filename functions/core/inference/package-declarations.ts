import type { ModelDigest } from "../../contract/ids.ts";
import { type ModelPackage, modelPackage } from "../../contract/model-package.ts";
import { ModelArtifactError } from "../errors.ts";

/** What published packages declare, without their models. */
export interface PackageDeclarations {
  /**
   * @throws {ModelArtifactError} `model.digest` when it is not what was published, `model.package` when this release
   *   cannot read it.
   * @throws {DependencyError} when the store cannot be reached.
   */
  read(model: string, digest: ModelDigest): Promise<ModelPackage>;
}

/** Parse a package's `model.json`. @throws {ModelArtifactError} `model.package` when this release cannot read it. */
export function parseDeclaration(bytes: Uint8Array): ModelPackage {
  const parsed = modelPackage.safeParse(jsonOf(bytes));
  if (parsed.success) return parsed.data;
  throw new ModelArtifactError("model.json: not valid for this release; publish the package again", {
    code: "model.package",
    details: { issues: parsed.error.issues },
  });
}

/** Undefined, which no schema takes, for what is no JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
