import type { ModelDigest } from "../contract/ids.ts";
import type { ModelPackage } from "../contract/model-package.ts";
import { type DriftProfile, profileOf } from "../core/monitor/drift/drift-profile.ts";
import { parseReference } from "../core/monitor/drift/parse-reference.ts";
import type { DriftDeps } from "./deps.ts";

/** A champion whose windows can be compared. */
export interface WatchedVersion {
  readonly digest: ModelDigest;
  readonly package: Pick<ModelPackage, "features" | "drift" | "outcome" | "outputs">;
  readonly profile: DriftProfile;
}

/** Says which version of a model is to be watched. */
export interface WatchedVersions {
  /**
   * The champion with what it is compared with, which is made once per version.
   *
   * @returns undefined where there is no champion, or it has no reference: that is said once.
   * @throws what its package's stores throw.
   */
  of(model: string): Promise<WatchedVersion | undefined>;
}

export function createWatchedVersions({
  ledger,
  declarations,
  references,
  logger,
}: Pick<DriftDeps, "ledger" | "declarations" | "references" | "logger">): WatchedVersions {
  const known = new Map<
    string,
    { readonly digest: ModelDigest; readonly watched: WatchedVersion | undefined }
  >();
  return {
    async of(model) {
      const champion = (await ledger.latest(model))?.aliases.champion;
      if (champion === undefined) return undefined;
      const { digest } = champion;
      const before = known.get(model);
      if (before?.digest === digest) return before.watched;
      const watched = await open(model, digest);
      known.set(model, { digest, watched });
      if (watched === undefined) {
        logger.warn("the champion has no reference.json: its drift is not watched; publish it with one", {
          model,
          digest,
        });
      }
      return watched;
    },
  };

  async function open(model: string, digest: ModelDigest): Promise<WatchedVersion | undefined> {
    const bytes = await references.read(model, digest);
    if (bytes === undefined) return undefined;
    const pkg = await declarations.read(model, digest);
    return { digest, package: pkg, profile: profileOf(parseReference(bytes), pkg) };
  }
}
