import type { ModelDigest } from "../../functions/contract/ids.ts";
import { packageDigest } from "../../functions/core/inference/package-digest.ts";
import type { PackageFiles } from "../../functions/core/inference/package-store.ts";
import { followUp } from "../../functions/core/rollout/moves.ts";
import { layoutOf, type StoryStage } from "./story-stage.ts";

/**
 * Publish a version: its package, its layout, and the entry of the ledger.
 *
 * @param note.alias - that names it from then on. @default none
 */
export async function registerVersion(
  stage: StoryStage,
  files: PackageFiles,
  note: { readonly why: string; readonly by: string; readonly alias?: "champion" },
): Promise<ModelDigest> {
  const { model, packages, layouts, ledger, clock } = stage;
  const { alias, ...said } = note;
  const digest = await packages.write(model, files);
  const loaded = await stage.load(digest);
  await layouts.write(model, digest, layoutOf(loaded.package, loaded.program));
  const newest = await ledger.latest(model);
  await ledger.append(
    followUp(
      newest,
      { model, ...said, nowMs: clock.now() },
      {
        change: { kind: "publish", digest, sourceDigest: packageDigest(files), ...(alias && { alias }) },
        aliases: { ...newest?.aliases, ...(alias && { [alias]: { digest } }) },
      },
    ),
  );
  return digest;
}
