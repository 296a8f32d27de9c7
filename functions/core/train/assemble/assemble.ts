import { secondsOf } from "../../../contract/duration.ts";
import type { Example } from "../../../contract/example.ts";
import type { Training } from "../../../contract/training.ts";
import type { TrainingManifest } from "../../../contract/training-data.ts";
import type { ObjectStore } from "../examples/object-reader.ts";
import { learningPrefix, manifestKey } from "../learning-keys.ts";
import { type Augment, createAugment, type Random } from "./augment.ts";
import { createPartWriter } from "./part-writer.ts";
import type { RowSchema } from "./row-schema.ts";
import { countHours, type LabelCounts, rowCount, type TimeCut } from "./time-cut.ts";

/** Why nothing is trained; the champion goes on. */
export interface AssembleStop {
  readonly code:
    | "training.few_rows"
    | "training.one_class"
    | "training.schema"
    | "training.outcome"
    | "training.champion"
    | "training.teacher";
  readonly message: string;
}

export interface AssembleOptions {
  readonly model: string;
  readonly execution: string;
  /** The champion's digest. */
  readonly champion: string;
  readonly schema: RowSchema;
  readonly training: Training;
  /**
   * Every usable example, each event once, in the same order at every call; read twice.
   *
   * @returns beside each whether its features are the champion's.
   */
  readonly examples: () => AsyncIterable<UsableExample>;
  readonly store: ObjectStore;
  /** Of everything random, the same for one execution. */
  readonly random: () => Random;
  /** Puts a teacher's scores in place of the labels of rows to train on, [rows, width]. @default the truth stays */
  readonly relabel?: (rows: Float32Array) => Promise<void>;
}

export interface UsableExample {
  readonly example: Pick<Example, "eventTime" | "features" | "label">;
  readonly hasSameInputs: boolean;
}

export interface Assembled {
  readonly manifest: TrainingManifest;
  /** S3 key. */
  readonly key: string;
  /** Examples that were left out, and why. */
  readonly skipped: { readonly otherInputs: number; readonly unreadable: number; readonly outside: number };
}

/**
 * Make training data of examples: choose them by time, hold the newest out, and write both as rows of numbers.
 *
 * Memory holds one part of rows. Run again with the same examples it writes the same objects; the manifest comes last.
 *
 * @returns the manifest, or why there is nothing to train on.
 * @throws {DependencyError} when the store cannot be reached.
 */
export async function assemble(
  options: AssembleOptions,
): Promise<Assembled | { readonly stop: AssembleStop }> {
  const { schema, training } = options;
  const hours = countHours();
  const skipped = { otherInputs: 0, unreadable: 0, outside: 0 };
  const row = new Float32Array(schema.width);
  const isClassed = schema.label.kind !== "number";
  for await (const { example, hasSameInputs } of options.examples()) {
    const timeMs = Date.parse(example.eventTime);
    if (!hasSameInputs) skipped.otherInputs++;
    else if (Number.isNaN(timeMs) || !schema.write(example, row)) skipped.unreadable++;
    // Numbers may all differ: of them it matters only how many there are.
    else hours.add(timeMs, isClassed ? row[schema.width - 2]! : 0);
  }
  const { over, most, holdout, least } = training.rows;
  const cut = hours.cut({ overMs: secondsOf(over) * 1000, most, holdout });
  if (cut === undefined) return { stop: fewRows(0, least, skipped) };
  const train = hours.labelsBetween(cut.fromMs, cut.holdoutMs);
  const held = hours.labelsBetween(cut.holdoutMs, cut.endMs);
  const total = rowCount(train) + rowCount(held);
  skipped.outside = hours.total - total;
  if (total < least || train.size === 0 || held.size === 0) return { stop: fewRows(total, least, skipped) };
  if (isClassed && (train.size < 2 || held.size < 2)) return { stop: oneClass(train.size < 2) };
  return await write(options, { cut, train, skipped });
}

function fewRows(
  got: number,
  least: number,
  { otherInputs, unreadable }: Assembled["skipped"],
): AssembleStop {
  if (otherInputs > got) {
    return {
      code: "training.schema",
      message: `training rows: got ${got} with the champion's features and ${otherInputs} with others, expected at least ${least}; wait for examples of the new features, or make them with npm run backfill`,
    };
  }
  return {
    code: "training.few_rows",
    message: `training rows: got ${got} and ${unreadable} that cannot be used, expected at least ${least} over two hours of events or more; wait for outcomes, or lower training.rows.least in model.json`,
  };
}

function oneClass(isTrained: boolean): AssembleStop {
  return {
    code: "training.one_class",
    message: `labels: got one class alone among the rows ${isTrained ? "to train on" : "held out"}, expected two or more; wait for more outcomes, or check the rule of outcome.label`,
  };
}

interface Chosen {
  readonly cut: TimeCut;
  /** Rows to train on. */
  readonly train: LabelCounts;
  readonly skipped: Assembled["skipped"];
}

async function write(options: AssembleOptions, { cut, train, skipped }: Chosen): Promise<Assembled> {
  const { schema, training, store, model, execution, champion, relabel } = options;
  const { label } = schema;
  const prefix = learningPrefix({ model, execution });
  const augment: Augment = createAugment({
    ...{ schema, rules: training.augment, random: options.random() },
    classCounts: label.classes?.map((_, i) => train.get(i) ?? 0),
  });
  const writers = {
    train: createPartWriter({
      ...{ store, prefix: `${prefix}train/`, width: schema.width },
      ...(relabel && { revise: relabel }),
    }),
    holdout: createPartWriter({ store, prefix: `${prefix}holdout/`, width: schema.width }),
  };
  const row = new Float32Array(schema.width);
  for await (const { slice, timeMs } of within(options.examples(), { cut, schema, row })) {
    const made = slice === "train" ? augment(row) : [row];
    for (const each of made) await writers[slice].add(each, timeMs);
  }
  const slices: Pick<TrainingManifest, "train" | "holdout"> = {
    train: await writers.train.finish(),
    holdout: await writers.holdout.finish(),
  };
  const manifest: TrainingManifest = {
    ...{ version: 1, model, execution, champion, features: schema.features, label, ...slices },
    ...{ inputs: schema.inputs, outputs: [...schema.outputs] },
    output: `${prefix}output/`,
    trees: training.trees,
    seed: training.trees.seed,
  };
  const key = manifestKey({ model, execution });
  await store.put(key, Buffer.from(JSON.stringify(manifest)), "application/json");
  return { manifest, key, skipped };
}

/** The examples that were chosen, each written into `row` as it comes. */
async function* within(
  examples: AsyncIterable<UsableExample>,
  { cut, schema, row }: { readonly cut: TimeCut; readonly schema: RowSchema; readonly row: Float32Array },
): AsyncGenerator<{ readonly slice: "train" | "holdout"; readonly timeMs: number }> {
  for await (const { example, hasSameInputs } of examples) {
    const timeMs = Date.parse(example.eventTime);
    // What has no time lies in no span.
    if (!hasSameInputs || !(timeMs >= cut.fromMs && timeMs < cut.endMs)) continue;
    if (schema.write(example, row)) yield { slice: timeMs < cut.holdoutMs ? "train" : "holdout", timeMs };
  }
}
