import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import { type LoadedModel, loadModel } from "../../functions/core/inference/loaded-model.ts";
import type { PackageStore } from "../../functions/core/inference/package-store.ts";
import type { ConcealerKeys } from "../../functions/core/private/concealer-keys.ts";
import { checkPackage } from "../publish/check-package.ts";
import type { PublishPlan } from "../publish/publish-plan.ts";

/** Memory that the runtime is sized for, in MiB: one thread, so that sums are added in one order. */
const memoryMiB = 1769;

/**
 * Check a package's folder as publishing it does, and make its model ready to predict: the digest is that of the
 * published version.
 *
 * @param concealerKeys - needed where the package declares private paths.
 * @throws {ModelArtifactError} `model.package` with the list of what is wrong.
 */
export async function openPackage(
  folder: string,
  concealerKeys?: ConcealerKeys,
): Promise<{ readonly plan: PublishPlan; readonly model: LoadedModel }> {
  const engine = createOrtEngine({ memoryMiB });
  const plan = await checkPackage(folder, engine);
  const model = await loadModel(plan.digest, plan.files, {
    engine,
    nowMs: () => performance.now(),
    ...(concealerKeys && { concealerKeys }),
  });
  return { plan, model };
}

/** Make a published version ready to predict. @throws {ModelArtifactError} when it is damaged or fails its samples */
export async function openPublished(
  packages: PackageStore,
  { model, digest }: { readonly model: string; readonly digest: ModelDigest },
  concealerKeys: ConcealerKeys,
): Promise<LoadedModel> {
  return await loadModel(digest, await packages.read(model, digest), {
    engine: createOrtEngine({ memoryMiB }),
    nowMs: () => performance.now(),
    concealerKeys,
  });
}
