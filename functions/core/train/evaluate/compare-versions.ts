import type { TrainingManifest } from "../../../contract/training-data.ts";
import { InvariantError } from "../../errors.ts";
import type { ObjectReader } from "../examples/object-reader.ts";
import { readRows, rowWidth } from "../training-rows.ts";
import { type HoldoutFigures, type HoldoutScores, holdoutFigures } from "./holdout-figures.ts";
import { measureLatency } from "./measure-latency.ts";
import { createRowScorer, type ScorableModel } from "./row-scorer.ts";
import { scoreRows } from "./score-rows.ts";

/** A model with its size. */
export interface ComparedModel extends ScorableModel {
  /** Of model.onnx. */
  readonly sizeBytes: number;
}

export interface HeldOut {
  /** The data bucket. */
  readonly store: Pick<ObjectReader, "get">;
  readonly manifest: TrainingManifest;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}

/** What a model says of the held-out rows. */
export interface Scored extends ComparedModel {
  readonly scores: HoldoutScores;
}

/**
 * Score the held-out rows with a model.
 *
 * @throws as `scoreRows` does, and {ModelArtifactError} `model.package` where rows are gone or damaged.
 */
export async function scoreHoldout(
  model: ComparedModel,
  { store, manifest }: Pick<HeldOut, "store" | "manifest">,
): Promise<Scored> {
  const rows = readRows(store, manifest.holdout, rowWidth(manifest));
  return { ...model, scores: await scoreRows({ ...model, manifest, rows }) };
}

export interface Comparison {
  readonly champion: HoldoutFigures;
  readonly challenger: HoldoutFigures;
  /** Mean absolute difference between the scores of the two. */
  readonly difference: number;
}

/** Rows of a timed run: about what a busy stream answers at once. */
const timedRows = 512;

/**
 * Measure two models on the same held-out rows, and time them against each other.
 *
 * @throws {ModelRunError} when either fails on the rows that it is timed on.
 */
export async function compareVersions(
  { champion, challenger }: Readonly<Record<"champion" | "challenger", Scored>>,
  { store, manifest, nowMs }: HeldOut,
): Promise<Comparison> {
  const rows = await firstRows(store, manifest);
  const runOf = (model: ScorableModel) => createRowScorer(model, manifest).repeat(rows, timedRows);
  const { championUs, challengerUs } = await measureLatency(
    { champion: runOf(champion), challenger: runOf(challenger) },
    nowMs,
  );
  return {
    champion: figuresOf(champion, manifest, championUs / timedRows),
    challenger: figuresOf(challenger, manifest, challengerUs / timedRows),
    difference: meanDifference(champion.scores.scores, challenger.scores.scores),
  };
}

/** @param latencyUs - of a row; NaN where it was not measured. */
export function figuresOf(
  { scores, sizeBytes }: Scored,
  { label }: Pick<TrainingManifest, "label">,
  latencyUs: number,
): HoldoutFigures {
  return { ...holdoutFigures(scores, label.kind), latencyUs, sizeBytes };
}

async function firstRows(store: HeldOut["store"], manifest: TrainingManifest): Promise<Float32Array> {
  const width = rowWidth(manifest);
  for await (const part of readRows(store, manifest.holdout, width))
    return part.subarray(0, timedRows * width);
  throw new InvariantError(`${manifest.execution}: got a manifest without held-out rows; assemble it again`);
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
