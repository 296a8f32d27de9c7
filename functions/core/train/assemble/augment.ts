import type { Training } from "../../../contract/training.ts";
import type { RowSchema } from "./row-schema.ts";

/** Numbers from 0 (inclusive) to 1 (exclusive), the same for the same seed. */
export type Random = () => number;

/**
 * Make of a training row what the package asks for; the held-out rows stay as they were served.
 *
 * @param row - left as it is.
 * @param countsByLabel - rows of each class; undefined for numbers.
 * @returns the row itself, weighed, then its noisy copy and its mixture, where asked for: none is shared with another call.
 */
export type Augment = (row: Float32Array) => Float32Array[];

export interface AugmentOptions {
  readonly schema: RowSchema;
  readonly rules: Training["augment"];
  /** Training rows of each class, by its place; undefined where the label is a number. */
  readonly classCounts: readonly number[] | undefined;
  readonly random: Random;
}

export function createAugment({ schema, rules, classCounts, random }: AugmentOptions): Augment {
  const { width, features } = schema;
  const labelAt = width - 2;
  const weights = rules.classWeights === "balanced" && classCounts ? balanced(classCounts) : undefined;
  const noise = noiseOf(features, rules.jitter);
  const wide = columnsOf(features).filter(({ width: columns }) => columns > 1);
  let partner: Float32Array | undefined;

  return (row) => {
    const own = row.slice();
    if (weights !== undefined) own[width - 1] = weights[own[labelAt]!]!;
    const made: Float32Array[] = [own];
    if (noise.length > 0) {
      const noisy = own.slice();
      for (const { column, deviation } of noise) noisy[column]! += deviation * normal(random);
      made.push(noisy);
    }
    if (rules.mixUp > 0 && wide.length > 0) {
      // Only rows of one label are mixed: a label between two classes is none that a tree can learn.
      if (partner !== undefined && partner[labelAt] === own[labelAt]) made.push(mix(own, partner));
      partner = own;
    }
    return made;
  };

  function mix(a: Float32Array, b: Float32Array): Float32Array {
    const mixed = a.slice();
    const part = beta(rules.mixUp, random);
    for (const { column, width: columns } of wide)
      for (let i = column; i < column + columns; i++) mixed[i] = part * a[i]! + (1 - part) * b[i]!;
    return mixed;
  }
}

/** Weights under which every class that occurs counts alike and the mean weight is 1. */
function balanced(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : total / (present * count)));
}

function columnsOf(features: RowSchema["features"]) {
  let column = 0;
  return features.map((feature) => {
    const at = column;
    column += feature.width;
    return { ...feature, column: at };
  });
}

function noiseOf(features: RowSchema["features"], jitter: Training["augment"]["jitter"]) {
  return columnsOf(features).flatMap(({ name, column, width }) => {
    const deviation = jitter[name];
    return deviation === undefined
      ? []
      : Array.from({ length: width }, (_, i) => ({ column: column + i, deviation }));
  });
}

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Beta(alpha, alpha) by Jöhnk's method, which refuses few draws where alpha is at most 1. */
function beta(alpha: number, random: Random): number {
  for (;;) {
    const [x, y] = [random() ** (1 / alpha), random() ** (1 / alpha)];
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
}
