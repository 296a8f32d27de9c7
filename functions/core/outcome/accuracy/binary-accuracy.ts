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

/** How probabilities of a yes compare with what came true: sums that merge. */
export interface BinaryPartial {
  readonly kind: "binary";
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
  logLossSum: number;
  squaredSum: number;
  readonly calibration: Calibration;
  readonly scores: ScoreSketch;
}

export interface BinaryFigures {
  readonly kind: "binary";
  readonly count: number;
  readonly positives: number;
  /** Undefined, as every figure, where nothing it stands on was counted. */
  readonly auc: number | undefined;
  /** In nats. */
  readonly logLoss: number | undefined;
  readonly brier: number | undefined;
  readonly ece: number | undefined;
  readonly accuracy: number | undefined;
  readonly precision: number | undefined;
  readonly recall: number | undefined;
}

/** Bins of a part as it is stored: about 2 kB. */
const storedBins = 384;
/** Bins in memory, where many parts are merged. */
const mergedBins = 8192;

export function emptyBinary(): BinaryPartial {
  return {
    kind: "binary",
    truePositives: 0,
    falsePositives: 0,
    trueNegatives: 0,
    falseNegatives: 0,
    logLossSum: 0,
    squaredSum: 0,
    calibration: emptyCalibration(),
    scores: emptySketch(mergedBins),
  };
}

/** @param threshold - what counts as a predicted yes: a score from it on. */
export function addBinary(
  to: BinaryPartial,
  { score, label, threshold }: { score: number; label: number; threshold: number },
): void {
  const isYes = label === 1;
  if (score >= threshold) to[isYes ? "truePositives" : "falsePositives"]++;
  else to[isYes ? "falseNegatives" : "trueNegatives"]++;
  to.logLossSum += logLossOf(score, isYes);
  to.squaredSum += (score - label) ** 2;
  addCalibration(to.calibration, score, isYes);
  addScore(to.scores, score, isYes);
}

export function mergeBinary(to: BinaryPartial, from: BinaryPartial): void {
  to.truePositives += from.truePositives;
  to.falsePositives += from.falsePositives;
  to.trueNegatives += from.trueNegatives;
  to.falseNegatives += from.falseNegatives;
  to.logLossSum += from.logLossSum;
  to.squaredSum += from.squaredSum;
  mergeCalibration(to.calibration, from.calibration);
  addSketch(to.scores, from.scores);
}

export function figuresOfBinary(partial: BinaryPartial): BinaryFigures {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = partial;
  const positives = truePositives + falseNegatives;
  const count = positives + falsePositives + trueNegatives;
  const over = (sum: number, of: number) => (of === 0 ? undefined : sum / of);
  return {
    kind: "binary",
    count,
    positives,
    auc: areaUnderRoc(partial.scores),
    logLoss: over(partial.logLossSum, count),
    brier: over(partial.squaredSum, count),
    ece: calibrationError(partial.calibration),
    accuracy: over(truePositives + trueNegatives, count),
    precision: over(truePositives, truePositives + falsePositives),
    recall: over(truePositives, positives),
  };
}

export function writeBinary(writer: BinaryWriter, partial: BinaryPartial): void {
  writer
    .uint32(partial.truePositives)
    .uint32(partial.falsePositives)
    .uint32(partial.trueNegatives)
    .uint32(partial.falseNegatives)
    .double(partial.logLossSum)
    .double(partial.squaredSum);
  writeCalibration(writer, partial.calibration);
  writeSketch(writer, partial.scores, storedBins);
}

export function readBinary(reader: BinaryReader): BinaryPartial {
  return {
    kind: "binary",
    truePositives: reader.uint32(),
    falsePositives: reader.uint32(),
    trueNegatives: reader.uint32(),
    falseNegatives: reader.uint32(),
    logLossSum: reader.double(),
    squaredSum: reader.double(),
    calibration: readCalibration(reader),
    scores: readSketch(reader, mergedBins),
  };
}
