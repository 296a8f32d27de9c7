import type { ModelDigest } from "../../functions/contract/ids.ts";
import { packageDigest } from "../../functions/core/inference/package-digest.ts";
import type { PackageFiles } from "../../functions/core/inference/package-store.ts";
import { followUp } from "../../functions/core/rollout/moves.ts";
import { layoutOf, type StoryStage } from "./story-stage.ts";

/** Publish what serves before anything was learned: its package, its layout, and the first entry of the ledger. */
export async function publishFirst(stage: StoryStage, files: PackageFiles): Promise<ModelDigest> {
  const { model, packages, layouts, ledger, clock } = stage;
  const digest = await packages.write(model, files);
  const loaded = await stage.load(digest);
  await layouts.write(model, digest, layoutOf(loaded.package, loaded.program));
  const note = { model, by: "story", why: "nothing is learned yet", nowMs: clock.now() };
  const change = {
    kind: "publish",
    digest,
    sourceDigest: packageDigest(files),
    alias: "champion",
  } as const;
  await ledger.append(followUp(undefined, note, { change, aliases: { champion: { digest } } }));
  return digest;
}
