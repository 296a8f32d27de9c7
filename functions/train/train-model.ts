import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { type TrainOutput, trainInput } from "../contract/learning.ts";
import { defaultTraining } from "../contract/training.ts";
import type { TrainingManifest } from "../contract/training-data.ts";
import { ConfigError, InputError } from "../core/errors.ts";
import { findObject } from "../core/train/find-object.ts";
import { readManifest, rowWidth } from "../core/train/training-rows.ts";
import { trainingMisfit } from "../core/train/trees/estimate-training.ts";
import { treeOptionsOf } from "../core/train/trees/package-trees.ts";
import { type TrainingProgress, trainTrees } from "../core/train/trees/train-trees.ts";
import type { TreeOptions } from "../core/train/trees/tree-options.ts";
import { writeTreesOnnx } from "../core/train/trees/write-trees-onnx.ts";
import type { TrainDeps } from "./deps.ts";
import { measureTrees } from "./measure-trees.ts";
import { readDataset } from "./read-dataset.ts";
import { tensorsOf } from "./tensors.ts";

/** Left to write the model, and to say that there was no time. */
const leastRemainingMs = 15_000;

/**
 * Train a model of trees as a manifest asks for, and write `metrics.json`, `report.json` and, when they stand,
 * `model.onnx` under its output.
 *
 * Equal training data gives equal bytes of the model. What was trained before, of the same data, is not trained again.
 *
 * @param remainingMs - how long the invocation may still take.
 * @throws {InputError} `input.malformed` when it is not told which manifest.
 * @throws {ConfigError} `config.model` before it begins, when trees cannot stand in for the champion, or this function is too
 *   small: the message says from how many rows on; while it trains, when the time is up.
 * @throws {ModelArtifactError} `model.package` when training data is gone or damaged.
 * @throws {DependencyError} when the store cannot be reached.
 */
export async function trainModel(
  event: unknown,
  { deps, remainingMs }: { readonly deps: TrainDeps; readonly remainingMs: () => number },
): Promise<TrainOutput> {
  const { store, logger, nowMs, pool } = deps;
  const startedMs = nowMs();
  const manifest = await readManifest(store, manifestKeyOf(event));
  const data = createHash("sha256").update(JSON.stringify(manifest)).digest("hex");
  const earlier = await earlierAnswer(manifest, data, deps);
  if (earlier !== undefined) return earlier;
  const tensors = tensorsOf(manifest);
  const options = treeOptionsOf({ ...defaultTraining.trees, ...manifest.trees }, manifest.label);
  throwIfTooLarge(manifest, options, { memoryMiB: deps.memoryMiB, timeoutSeconds: remainingMs() / 1000 });

  const { ensemble, report } = await trainTrees(await readDataset(store, manifest, manifest.train), options, {
    holdout: await readDataset(store, manifest, manifest.holdout),
    nowMs,
    onProgress(progress) {
      if (remainingMs() < leastRemainingMs) throw outOfTime(manifest, progress);
      if (progress.round % 20 === 0) logger.info("training", { ...progress });
    },
    ...(pool && { pool }),
  });
  const model = writeTreesOnnx(ensemble, tensors);
  const metrics = { version: 1, ...(await measureTrees(store, manifest, ensemble)) };
  const answer: TrainOutput = {
    ...keysUnder(manifest.output),
    rows: manifest.train.rows,
    rounds: report.bestRound,
    seconds: (nowMs() - startedMs) / 1000,
  };
  const digest = createHash("sha256").update(model).digest("hex");
  const written = { version: 1, trainer: "trees", data, model: { sha256: digest, bytes: model.length } };
  await store.put(answer.metricsKey, json(metrics), "application/json");
  await store.put(
    answer.reportKey,
    json({ ...written, answer, options, training: report }),
    "application/json",
  );
  await store.put(answer.modelKey, model, "application/octet-stream");
  logger.info("trained", { ...answer, ...metrics, bytes: model.length });
  return answer;
}

function manifestKeyOf(event: unknown): string {
  const parsed = trainInput.safeParse(event);
  if (parsed.success) return parsed.data.manifestKey;
  throw new InputError(
    "train: got something else than a model, an execution and a manifestKey, expected what assemble gave; call it from the workflow",
    {
      code: "input.malformed",
      cause: parsed.error,
    },
  );
}

function keysUnder(output: string): Pick<TrainOutput, "modelKey" | "metricsKey" | "reportKey"> {
  return {
    modelKey: `${output}model.onnx`,
    metricsKey: `${output}metrics.json`,
    reportKey: `${output}report.json`,
  };
}

const earlierReport = z.object({
  data: z.string(),
  model: z.object({ sha256: z.string() }),
  answer: z.object({ rows: z.number(), rounds: z.number(), seconds: z.number() }),
});

/** Of a run of the same data that came to its end. */
async function earlierAnswer(
  { output }: TrainingManifest,
  data: string,
  { store, logger }: TrainDeps,
): Promise<TrainOutput | undefined> {
  const keys = keysUnder(output);
  const [text, model] = [await findObject(store, keys.reportKey), await findObject(store, keys.modelKey)];
  if (text === undefined || model === undefined) return undefined;
  const report = earlierReport.safeParse(JSON.parse(Buffer.from(text).toString("utf8")));
  const digest = createHash("sha256").update(model).digest("hex");
  if (!report.success || report.data.data !== data || report.data.model.sha256 !== digest) return undefined;
  logger.info("trained before", { ...keys });
  return { ...keys, ...report.data.answer };
}

function throwIfTooLarge(
  manifest: TrainingManifest,
  options: TreeOptions,
  limits: Parameters<typeof trainingMisfit>[1],
): void {
  const shape = {
    rows: manifest.train.rows + manifest.holdout.rows,
    features: rowWidth(manifest) - 2,
    trees: options.trees!,
    depth: options.depth!,
    margins: options.target === "multiclass" ? options.classCount! : 1,
  };
  const misfit = trainingMisfit(shape, limits);
  if (misfit === undefined) return;
  throw new ConfigError(`model "${manifest.model}": ${misfit}`, {
    code: "config.model",
    details: { model: manifest.model, ...shape, ...limits },
  });
}

function outOfTime(manifest: TrainingManifest, { round, rounds }: TrainingProgress): ConfigError {
  return new ConfigError(
    `model "${manifest.model}": got through ${round} of ${rounds} rounds of ${manifest.train.rows} rows in the time that the function has, ` +
      "expected all; lower rows or trees, give it more memory and with it cores, or train elsewhere (sagemaker)",
    { code: "config.model", details: { model: manifest.model, round, rounds } },
  );
}

function json(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`);
}
