import { type AssembleInput, type AssembleOutput, assembleInput } from "../contract/learning.ts";
import { defaultTraining } from "../contract/training.ts";
import type { TrainingManifest } from "../contract/training-data.ts";
import { type AssembleStop, assemble } from "../core/train/assemble/assemble.ts";
import { compileRowSchema } from "../core/train/assemble/row-schema.ts";
import { seededRandom } from "../core/train/assemble/seeded-random.ts";
import { findObject } from "../core/train/find-object.ts";
import { manifestKey } from "../core/train/learning-keys.ts";
import { readStep } from "../core/train/read-step.ts";
import { readManifest } from "../core/train/training-rows.ts";
import { type ChampionData, readChampion } from "./champion-data.ts";
import type { AssembleDeps } from "./deps.ts";
import { examplesOf } from "./model-examples.ts";
import { openTeacher } from "./teacher.ts";

/**
 * Make training data of a model's examples, as the champion's package asks for.
 *
 * Where there is nothing to train on, the answer says why. Run again after it came to its end it gives the same answer;
 * after it was ended before, it begins anew.
 *
 * @throws {InputError} `input.malformed` when it is not told which execution.
 * @throws {ModelArtifactError | ModelRunError} when the champion's package is damaged, or cannot teach.
 * @throws {DependencyError} when a store cannot be reached.
 */
export async function assembleData(event: unknown, deps: AssembleDeps): Promise<AssembleOutput> {
  const input = readStep("assemble", assembleInput, event);
  const { logger, nowMs } = deps;
  const startedMs = nowMs();
  const made = (await madeBefore(input, deps)) ?? (await make(input, deps));
  const seconds = (nowMs() - startedMs) / 1000;
  if ("stop" in made) {
    logger.warn("nothing to train on; the champion goes on", { ...made.stop });
    return { stop: made.stop, rows: { train: 0, holdout: 0 }, seconds };
  }
  const { champion, train, holdout } = made;
  const answer = {
    ...{ manifestKey: manifestKey(input), champion },
    rows: { train: train.rows, holdout: holdout.rows },
    seconds,
  };
  logger.info("assembled", { ...answer, from: train.from, to: holdout.to });
  return answer;
}

/** The manifest is written last: where it stands, all of it does. */
async function madeBefore(
  input: AssembleInput,
  { store }: AssembleDeps,
): Promise<TrainingManifest | undefined> {
  const key = manifestKey(input);
  return (await findObject(store, key)) && (await readManifest(store, key));
}

async function make(
  input: AssembleInput,
  deps: AssembleDeps,
): Promise<TrainingManifest | { readonly stop: AssembleStop }> {
  const champion = await readChampion(input.model, deps);
  if ("stop" in champion) return champion;
  const { digest, package: pkg, layout } = champion;
  const schema = compileRowSchema(pkg, layout);
  const training = pkg.training ?? defaultTraining;
  if (training.teacher !== undefined && schema.label.kind === "classes")
    return { stop: manyClasses(champion) };
  const examples = await examplesOf(input.model, champion, { training, deps });
  if (examples === undefined) return { stop: noExamples(input.model) };
  const teacher =
    training.teacher === undefined
      ? undefined
      : await openTeacher(champion, { model: input.model, schema, deps });
  try {
    const assembled = await assemble({
      ...{ ...input, champion: digest, schema, training, store: deps.store, examples },
      random: () => seededRandom(input.execution),
      ...(teacher && { relabel: teacher.relabel }),
    });
    if ("stop" in assembled) return assembled;
    deps.logger.info("examples were left out", assembled.skipped);
    return assembled.manifest;
  } finally {
    await teacher?.release();
  }
}

function manyClasses({ digest }: Pick<ChampionData, "digest">): AssembleStop {
  return {
    code: "training.teacher",
    message: `training.teacher: got a champion (${digest.slice(0, 12)}) of several classes, expected one that says yes or no, or a number: a row has one label; remove it from model.json`,
  };
}

function noExamples(model: string): AssembleStop {
  return {
    code: "training.few_rows",
    message: `training rows: got no examples of model "${model}", expected some; wait for outcomes, or make them with npm run backfill`,
  };
}
