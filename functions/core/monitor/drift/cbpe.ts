import { type Calibration, emptyCalibration } from "../../outcome/accuracy/calibration.ts";
import { logLossOf } from "../../outcome/accuracy/losses.ts";
import { type Histogram, valueOfKey } from "../histogram.ts";

/** How good predictions can be expected to be, by what they themselves say; each where something was scored. */
export interface EstimatedAccuracy {
  /** In nats. */
  readonly logLoss: number;
  /** Of classes the sum over them. */
  readonly brier: number;
  /** Of a yes or no; absent where only one of the two is expected. */
  readonly auc?: number;
}

/**
 * Estimate accuracy without outcomes (confidence-based performance estimation): where a probability `p` is right in so
 * many of the cases, a prediction `s` is expected to cost `p · loss(s, yes) + (1 − p) · loss(s, no)`, and the confusion
 * of any threshold, and with it the area under the ROC curve, follows from the shares that are expected on its either side.
 *
 * It sees what changes in the inputs does to the scores, not a change of what the inputs mean: it holds as long as the
 * probabilities do. Scores are the middles of their buckets, up to 1/32 of their value away.
 *
 * @param kind - of the outcome; classes have a histogram each, and what depends on their joint distribution is not estimated.
 * @param scores - probabilities of yes, or of each class.
 * @param calibration - how often predictions of each probability came true: `p` is read from it; without it, `p = s`.
 * @returns undefined where nothing was scored.
 * @see NannyML, "How it works: estimating performance, CBPE"
 */
export function estimateAccuracy(
  kind: "binary" | "classes",
  scores: readonly Histogram[],
  calibration?: Calibration,
): EstimatedAccuracy | undefined {
  const total = scores[0]?.counts.reduce((sum, count) => sum + count, 0) ?? 0;
  if (total === 0) return undefined;
  if (kind === "classes") return estimateClasses(scores, total);
  const chanceOf = recalibrated(calibration ?? emptyCalibration());
  let [logLoss, brier, wins, yes, no] = [0, 0, 0, 0, 0];
  for (const { score, count } of probabilitiesIn(scores[0]!)) {
    const chance = chanceOf(score);
    logLoss += count * (chance * logLossOf(score, true) + (1 - chance) * logLossOf(score, false));
    brier += count * (chance * (1 - score) ** 2 + (1 - chance) * score ** 2);
    wins += count * chance * (no + (count * (1 - chance)) / 2);
    yes += count * chance;
    no += count * (1 - chance);
  }
  return {
    logLoss: logLoss / total,
    brier: brier / total,
    ...(yes > 0 && no > 0 && { auc: wins / (yes * no) }),
  };
}

/** A class's share of both losses hangs on its own probability only. */
function estimateClasses(scores: readonly Histogram[], total: number): EstimatedAccuracy {
  let [logLoss, brier] = [0, 0];
  for (const { score, count } of scores.flatMap(probabilitiesIn)) {
    logLoss += count * score * logLossOf(score, true);
    brier += count * score * (1 - score);
  }
  return { logLoss: logLoss / total, brier: brier / total };
}

/** Ascending. */
function probabilitiesIn({ keys, counts, level }: Histogram): { score: number; count: number }[] {
  return keys.map((key, i) => ({
    score: Math.min(Math.max(valueOfKey(key, level), 0), 1),
    count: counts[i]!,
  }));
}

/** Bins that were seen less often say little of how often they are right. */
const leastOutcomes = 100;

interface CalibrationPoint {
  readonly score: number;
  readonly chance: number;
  readonly count: number;
}

/**
 * How often a score came true: straight lines between the bins' means, made to ascend by joining neighbours that do not,
 * and level beyond the outermost; the score itself where nothing was measured.
 */
function recalibrated({ counts, hits, scoreSums }: Calibration): (score: number) => number {
  const points = ascending(
    counts.flatMap((count, bin) =>
      count < leastOutcomes ? [] : [{ score: scoreSums[bin]! / count, chance: hits[bin]! / count, count }],
    ),
  );
  return (score) => {
    if (points.length === 0) return score;
    const after = points.findIndex((point) => point.score >= score);
    const [low, high] = [points[after - 1], points[after]];
    if (high === undefined) return points.at(-1)!.chance;
    if (low === undefined) return high.chance;
    return low.chance + ((high.chance - low.chance) * (score - low.score)) / (high.score - low.score);
  };
}

/** Isotonic regression by pooling adjacent violators. */
function ascending(points: readonly CalibrationPoint[]): CalibrationPoint[] {
  const pooled: CalibrationPoint[] = [];
  for (const point of points) {
    let next = point;
    while (pooled.length > 0 && pooled.at(-1)!.chance >= next.chance) next = joined(pooled.pop()!, next);
    pooled.push(next);
  }
  return pooled;
}

function joined(a: CalibrationPoint, b: CalibrationPoint): CalibrationPoint {
  const count = a.count + b.count;
  const mean = (of: "score" | "chance") => (a[of] * a.count + b[of] * b.count) / count;
  return { score: mean("score"), chance: mean("chance"), count };
}
