import type { PackageDeclarations } from "../../functions/core/inference/package-declarations.ts";
import { readVerdict } from "../../functions/core/rollout/verdict/read-verdict.ts";
import type { DriftStores } from "./read-drift.ts";
import type { VerdictOf } from "./read-model.ts";

/** Say in one line how a version beside the champion compares with it; undefined where nothing can be compared. */
export function createVerdictLine(stores: DriftStores, declarations: PackageDeclarations): VerdictOf {
  return async ({ model, aliases }, role) => {
    if (aliases.champion === undefined || aliases[role] === undefined) return undefined;
    const pkg = await declarations.read(model, aliases.champion.digest);
    if (pkg.outcome === undefined) return undefined;
    const verdicts = await readVerdict({ model, aliases, package: pkg, ...stores });
    const found = verdicts.find((each) => each.role === role);
    return found && `${found.verdict.decision}: ${found.verdict.why}`;
  };
}
