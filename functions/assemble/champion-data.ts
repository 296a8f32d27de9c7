import type { ModelDigest } from "../contract/ids.ts";
import type { ModelPackage } from "../contract/model-package.ts";
import type { StoredLayout } from "../core/outcome/stored-layout.ts";
import type { AssembleStop } from "../core/train/assemble/assemble.ts";
import type { AssembleDeps } from "./deps.ts";

/** The version that a new one is compared with, and how its rows are laid out. */
export interface ChampionData {
  readonly digest: ModelDigest;
  readonly package: ModelPackage;
  readonly layout: StoredLayout;
}

/**
 * Read what there is to know of the champion.
 *
 * @returns why nothing can be trained, where that is so.
 * @throws {ModelArtifactError} when its package or layout is damaged.
 * @throws {DependencyError} when a store cannot be reached.
 */
export async function readChampion(
  model: string,
  { ledger, declarations, layouts }: Pick<AssembleDeps, "ledger" | "declarations" | "layouts">,
): Promise<ChampionData | { readonly stop: AssembleStop }> {
  const digest = (await ledger.latest(model))?.aliases.champion?.digest;
  if (digest === undefined) {
    return stop("champion", `model "${model}": got no champion, expected one; publish a version as champion`);
  }
  const [pkg, layout] = await Promise.all([declarations.read(model, digest), layouts.read(model, digest)]);
  if (pkg.outcome === undefined) {
    return stop(
      "outcome",
      `model "${model}": got a champion without an outcome, expected one that says what the truth is; declare it in model.json`,
    );
  }
  if (layout === undefined) {
    return stop(
      "champion",
      `model "${model}": got a champion without a layout of its rows, expected one; publish the package again`,
    );
  }
  return { digest, package: pkg, layout };
}

function stop(what: "champion" | "outcome", message: string): { readonly stop: AssembleStop } {
  return { stop: { code: `training.${what}`, message } };
}
