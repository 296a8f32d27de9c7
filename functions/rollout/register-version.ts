import { secondsOf } from "../contract/duration.ts";
import type { ModelDigest } from "../contract/ids.ts";
import type { RolloutInput, RolloutOutput } from "../contract/learning.ts";
import type { ModelPackage } from "../contract/model-package.ts";
import type { TrainingManifest } from "../contract/training-data.ts";
import { ModelArtifactError } from "../core/errors.ts";
import type { CountedExample } from "../core/monitor/reference/example-rows.ts";
import { hasSameInputs } from "../core/rollout/compatible.ts";
import { followUp } from "../core/rollout/moves.ts";
import { readHistory } from "../core/rollout/read-history.ts";
import { publishedDigests } from "../core/rollout/version-of.ts";
import { createIdSet } from "../core/train/assemble/id-set.ts";
import { learner, learningWhy, publishOf } from "../core/train/canary/learning-entries.ts";
import { readExamples } from "../core/train/examples/read-examples.ts";
import { buildVersion } from "../core/train/register/build-version.ts";
import { figuresWords } from "../core/train/register/figures-words.ts";
import { readManifest } from "../core/train/training-rows.ts";
import { decideByLedger } from "./decide-by-ledger.ts";
import type { RolloutDeps } from "./deps.ts";

/**
 * Publish a trained model as a version that no alias names.
 *
 * The package and its layout are written before the ledger tells of them. An execution publishes once: run again, it
 * answers with what stands in the ledger, and a version that was there already is not published anew.
 */
export async function registerVersion(
  input: Extract<RolloutInput, { action: "register" }>,
  deps: RolloutDeps,
): Promise<RolloutOutput<"register">> {
  const { model, ledger, packages, layouts, logger } = deps;
  const { execution } = input;
  const before = publishOf(await readHistory(ledger, model), execution);
  if (before !== undefined) return { digest: before.digest };

  const manifest = await readManifest(deps.objects, input.manifestKey);
  const bytes = await deps.objects.get(input.modelKey);
  if (bytes === undefined) {
    throw new ModelArtifactError(`${input.modelKey}: gone; train the model again`, {
      code: "model.package",
      details: { key: input.modelKey },
    });
  }
  const champion = manifest.champion as ModelDigest;
  const { files, digest, sourceDigest, layout } = await buildVersion({
    champion: await packages.read(model, champion),
    model: bytes,
    examples: examplesOf(manifest, await deps.declarations.read(model, champion), deps),
    fromMs: Date.parse(manifest.train.from),
    toMs: Date.parse(manifest.holdout.to),
    load: deps.load,
  });
  await packages.write(model, files);
  if (layout !== undefined) await layouts.write(model, digest, layout);

  const why = learningWhy(execution, figuresWords(input.figures, manifest.label.kind));
  return await decideByLedger(deps, (history) => {
    const own = publishOf(history, execution);
    const known = own?.digest ?? publishedDigests(history).find((each) => each === digest);
    if (known !== undefined) return { result: { digest: known } };
    const entry = followUp(
      history[0],
      { model, by: learner, why, nowMs: deps.now() },
      { change: { kind: "publish", digest, sourceDigest }, aliases: history[0]?.aliases ?? {} },
    );
    logger.info("version published", { model, execution, digest, revision: entry.revision });
    return { entry, result: { digest } };
  });
}

/** Outcomes of an hour's events may stand under the next one's name. */
const hourMs = 3_600_000;

/**
 * What the rows were made of, each event once, as they were served: rows have no times, and augmented ones were never
 * asked. Events whose outcomes came before their predictions are left out.
 */
async function* examplesOf(
  manifest: TrainingManifest,
  champion: ModelPackage,
  { model, objects, declarations, logger }: RolloutDeps,
): AsyncGenerator<CountedExample> {
  const lateMs = secondsOf(champion.outcome?.within ?? "1s") * 1000 + hourMs;
  const seen = createIdSet();
  const fits = new Map<string, Promise<boolean>>();
  const examples = readExamples({
    ...{ store: objects, model },
    fromMs: Date.parse(manifest.train.from),
    untilMs: Date.parse(manifest.holdout.to) + lateMs,
    noteDamaged: (message) => logger.warn("examples cannot be read", { model, message }),
  });
  for await (const each of examples) {
    if (each.role === "shadow") continue;
    const isFit = fits.get(each.digest) ?? checkInputs(each.digest as ModelDigest);
    fits.set(each.digest, isFit);
    if ((await isFit) && seen.add(`${each.eventId}\u0000${each.eventTime}`)) yield each;
  }

  async function checkInputs(digest: ModelDigest): Promise<boolean> {
    if (digest === manifest.champion) return true;
    try {
      return hasSameInputs(await declarations.read(model, digest), champion);
    } catch (error) {
      // A version whose files were deleted, by then of no alias: its examples cannot be told to fit.
      if (!(error instanceof ModelArtifactError)) throw error;
      logger.warn("examples of a version that cannot be read", { model, digest, message: error.message });
      return false;
    }
  }
}
