import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  addCalibration,
  type Calibration,
  calibrationError,
  emptyCalibration,
  mergeCalibration,
  readCalibration,
  writeCalibration,
} from "./calibration.ts";
import { logLossOf } from "./losses.ts";
import {
  addScore,
  addSketch,
  areaUnderRoc,
  emptySketch,
  readSketch,
  type ScoreSketch,
  writeSketch,
} from "./score-sketch.ts";

/** How probabilities of several classes compare with what came true: sums that merge. */
export interface ClassPartial {
  readonly kind: "classes";
  logLossSum: number;
  squaredSum: number;
  /** By class: how often it was true, was predicted, and was both. */
  readonly actual: number[];
  readonly predicted: number[];
  readonly correct: number[];
  /** Of the class that was predicted. */
  readonly calibration: Calibration;
  /** Each class against the rest; none where there are more than `maxScoredClasses`. */
  readonly scores: readonly ScoreSketch[];
}

export interface ClassFigures {
  readonly kind: "classes";
  readonly count: number;
  /** Each class against the rest, mean over the classes that occur. */
  readonly auc: number | undefined;
  /** In nats. */
  readonly logLoss: number | undefined;
  /** Brier's own definition: squared errors summed over the classes, 0 to 2. */
  readonly brier: number | undefined;
  readonly ece: number | undefined;
  readonly accuracy: number | undefined;
  /** Mean over the classes that were predicted. */
  readonly precision: number | undefined;
  /** Mean over the classes that occur. */
  readonly recall: number | undefined;
}

/** With more classes a part would outgrow what is rewritten with every batch. */
const maxScoredClasses = 32;
const mergedBins = 2048;

export function emptyClasses(classCount: number): ClassPartial {
  const zeros = () => new Array<number>(classCount).fill(0);
  return {
    kind: "classes",
    logLossSum: 0,
    squaredSum: 0,
    actual: zeros(),
    predicted: zeros(),
    correct: zeros(),
    calibration: emptyCalibration(),
    scores:
      classCount > maxScoredClasses ? [] : Array.from({ length: classCount }, () => emptySketch(mergedBins)),
  };
}

/** @param scores - one per class. @param label - position of the class that came true. */
export function addClasses(to: ClassPartial, scores: readonly number[], label: number): void {
  const best = scores.indexOf(Math.max(...scores));
  to.actual[label]! += 1;
  to.predicted[best]! += 1;
  if (best === label) to.correct[label]! += 1;
  to.logLossSum += logLossOf(scores[label]!, true);
  to.squaredSum += brierOf(scores, label);
  addCalibration(to.calibration, scores[best]!, best === label);
  for (const [i, sketch] of to.scores.entries()) addScore(sketch, scores[i]!, i === label);
}

/** Squared errors of one prediction, summed over the classes. */
export function brierOf(scores: readonly number[], label: number): number {
  return scores.reduce((sum, score, i) => sum + (score - (i === label ? 1 : 0)) ** 2, 0);
}

export function mergeClasses(to: ClassPartial, from: ClassPartial): void {
  to.logLossSum += from.logLossSum;
  to.squaredSum += from.squaredSum;
  for (const name of ["actual", "predicted", "correct"] as const)
    from[name].forEach((count, i) => {
      to[name][i]! += count;
    });
  mergeCalibration(to.calibration, from.calibration);
  for (const [i, sketch] of to.scores.entries()) addSketch(sketch, from.scores[i]!);
}

export function figuresOfClasses(partial: ClassPartial): ClassFigures {
  const { actual, predicted, correct } = partial;
  const count = actual.reduce((sum, each) => sum + each, 0);
  const over = (sum: number) => (count === 0 ? undefined : sum / count);
  const shares = (of: readonly number[]) =>
    mean(of.flatMap((each, i) => (each === 0 ? [] : correct[i]! / each)));
  return {
    kind: "classes",
    count,
    auc: mean(partial.scores.flatMap((sketch) => areaUnderRoc(sketch) ?? [])),
    logLoss: over(partial.logLossSum),
    brier: over(partial.squaredSum),
    ece: calibrationError(partial.calibration),
    accuracy: over(correct.reduce((sum, each) => sum + each, 0)),
    precision: shares(predicted),
    recall: shares(actual),
  };
}

export function writeClasses(writer: BinaryWriter, partial: ClassPartial): void {
  writer.uint32(partial.actual.length).double(partial.logLossSum).double(partial.squaredSum);
  for (const counts of [partial.actual, partial.predicted, partial.correct])
    for (const each of counts) writer.uint32(each);
  writeCalibration(writer, partial.calibration);
  for (const sketch of partial.scores) writeSketch(writer, sketch, storedBins(partial.scores.length));
}

export function readClasses(reader: BinaryReader): ClassPartial {
  const classCount = reader.uint32();
  const counts = () => Array.from({ length: classCount }, () => reader.uint32());
  const [logLossSum, squaredSum] = [reader.double(), reader.double()];
  const [actual, predicted, correct] = [counts(), counts(), counts()];
  const calibration = readCalibration(reader);
  const scored = classCount > maxScoredClasses ? 0 : classCount;
  const scores = Array.from({ length: scored }, () => readSketch(reader, mergedBins));
  return { kind: "classes", logLossSum, squaredSum, actual, predicted, correct, calibration, scores };
}

/** Classes share what a part may take, down to what still gives an AUC. */
function storedBins(classCount: number): number {
  return Math.max(64, Math.floor(512 / classCount));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length;
}
