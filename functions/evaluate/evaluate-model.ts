import type { ModelDigest } from "../contract/ids.ts";
import { type EvaluateInput, type EvaluateOutput, evaluateInput } from "../contract/learning.ts";
import { defaultTraining } from "../contract/training.ts";
import type { TrainingManifest } from "../contract/training-data.ts";
import { ModelArtifactError, ModelRunError } from "../core/errors.ts";
import { parseDeclaration } from "../core/inference/package-declarations.ts";
import {
  compareVersions,
  figuresOf,
  type Scored,
  scoreHoldout,
} from "../core/train/evaluate/compare-versions.ts";
import { gatesOf } from "../core/train/evaluate/gates.ts";
import { openModel } from "../core/train/evaluate/open-model.ts";
import { findObject } from "../core/train/find-object.ts";
import { readStep } from "../core/train/read-step.ts";
import { readManifest } from "../core/train/training-rows.ts";
import { asJson, betterWords, failedWords, refusedFigures } from "./answer.ts";
import type { EvaluateDeps } from "./deps.ts";
import { digestOf, earlierAnswer, writeAnswer } from "./figures-file.ts";

type Verdict = Omit<EvaluateOutput, "figuresKey" | "seconds">;

/**
 * Hold a new model against the champion on the held-out rows, and write what it came to as `figures.json`.
 *
 * A model that cannot be run, or whose scores are none, has failed: that is an answer, not an error. Run again for the same
 * model it gives the answer that it gave.
 *
 * @throws {InputError} `input.malformed` when it is not told of a manifest and a model.
 * @throws {ModelArtifactError | ModelRunError} when it is the champion, or the training data, that is damaged.
 * @throws {DependencyError} when a store cannot be reached.
 */
export async function evaluateModel(event: unknown, deps: EvaluateDeps): Promise<EvaluateOutput> {
  const input = readStep("evaluate", evaluateInput, event);
  const { store, logger, nowMs } = deps;
  const startedMs = nowMs();
  const manifest = await readManifest(store, input.manifestKey);
  const model = await readModel(input, deps);
  const compared = {
    manifestSha256: digestOf(Buffer.from(JSON.stringify(manifest))),
    modelSha256: digestOf(model.bytes),
  };
  const earlier = await earlierAnswer(store, input, compared);
  if (earlier !== undefined) {
    logger.info("evaluated before", { ...earlier });
    return earlier;
  }
  const verdict = await judge(model, manifest, { input, deps });
  const answer = await writeAnswer(store, input, {
    ...{ compared, verdict, seconds: (nowMs() - startedMs) / 1000 },
  });
  logger.info("evaluated", { ...answer });
  return answer;
}

interface ReadModel {
  readonly bytes: Uint8Array;
  /** Why it cannot be evaluated. */
  readonly refusal?: string;
}

async function readModel({ modelKey }: EvaluateInput, { store }: EvaluateDeps): Promise<ReadModel> {
  const none = new Uint8Array(0);
  try {
    const bytes = await findObject(store, modelKey);
    return bytes === undefined ? { bytes: none, refusal: `${modelKey}: gone; train it again` } : { bytes };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { bytes: none, refusal: error.message };
  }
}

interface Told {
  readonly input: EvaluateInput;
  readonly deps: EvaluateDeps;
}

async function judge(model: ReadModel, manifest: TrainingManifest, { input, deps }: Told): Promise<Verdict> {
  const files = await deps.packages.read(input.model, manifest.champion as ModelDigest);
  const pkg = parseDeclaration(files.get("model.json")!);
  const bytes = files.get("model.onnx")!;
  const rules = pkg.training ?? defaultTraining;
  const open = async (of: Uint8Array) => ({
    ...(await openModel(of, pkg, deps.engine)),
    sizeBytes: of.byteLength,
  });
  const opened = await open(bytes);
  try {
    const champion = await scoreHoldout(opened, { ...deps, manifest });
    const refused = (why: string): Verdict => ({
      ...{ passed: false, why, gates: [] },
      champion: asJson(figuresOf(champion, manifest, Number.NaN)),
      challenger: refusedFigures(model.bytes.byteLength),
    });
    if (model.refusal !== undefined) return refused(model.refusal);
    try {
      return await compare(champion, { model: await open(model.bytes), manifest, rules, deps });
    } catch (error) {
      if (!isFault(error)) throw error;
      return refused(error.message);
    }
  } finally {
    await opened.session.release();
  }
}

async function compare(
  champion: Scored,
  {
    model,
    manifest,
    rules,
    deps,
  }: {
    readonly model: Omit<Scored, "scores">;
    readonly manifest: TrainingManifest;
    readonly rules: typeof defaultTraining;
    readonly deps: EvaluateDeps;
  },
): Promise<Verdict> {
  try {
    const heldOut = { ...deps, manifest };
    const challenger = await scoreHoldout(model, heldOut);
    const figures = await compareVersions({ champion, challenger }, heldOut);
    const gates = gatesOf(figures.challenger, figures.champion, rules.gates);
    const passed = gates.every(({ isPassed }) => isPassed);
    return {
      passed,
      why: passed ? betterWords(figures, manifest) : failedWords(gates),
      gates: gates.map((gate) => ({ ...gate, got: Number.isFinite(gate.got) ? gate.got : null })),
      champion: asJson(figures.champion),
      challenger: asJson(figures.challenger),
      ...(rules.teacher !== undefined && { teacherLoss: figures.difference }),
    };
  } finally {
    await model.session.release();
  }
}

/** Whether it is the model's own fault, and no use to try again. */
function isFault(error: unknown): error is ModelArtifactError | ModelRunError {
  return error instanceof ModelArtifactError || error instanceof ModelRunError;
}
