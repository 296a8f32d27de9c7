import { ConfigError } from "../../errors.ts";
import type { TreeTarget } from "./tree-ensemble.ts";

export interface TreeOptions {
  readonly target: TreeTarget;
  /** Classes of a multi-class target. @default 2, which is right for the other targets only */
  readonly classCount?: number;
  /** Rounds of boosting, each of one tree per margin: 1 to 10,000. @default 200 */
  readonly trees?: number;
  /** Splits from the root to a leaf at most: 1 to 12. @default 6 */
  readonly depth?: number;
  /** Share of each tree's correction that is applied: above 0, at most 1. @default 0.1 */
  readonly learningRate?: number;
  /** Least sum of second derivatives on either side of a split. @default 1 */
  readonly minChildWeight?: number;
  /** L2 penalty on leaves. @default 1 */
  readonly lambda?: number;
  /** Least gain of a split. @default 0 */
  readonly gamma?: number;
  /** Bins of a feature, one of which is for what is missing: 3 to 256. @default 256 */
  readonly maxBins?: number;
  /** Share of the rows that each tree sees: above 0, at most 1. @default 1 */
  readonly subsample?: number;
  /** Share of the features that each tree sees: above 0, at most 1. @default 1 */
  readonly columnSample?: number;
  /** Decides which rows and features are drawn, by its lowest 32 bits: a whole number from 0. @default 1 */
  readonly seed?: number;
  readonly earlyStopping?: EarlyStopping;
}

export interface EarlyStopping {
  /** Rounds without a lower loss on the holdout after which training ends; the best round's trees are kept. */
  readonly rounds: number;
  /** Share of the rows that is held out: the newest. Between 0 and 1. @default 0.1 */
  readonly holdoutShare?: number;
}

export type TreeSettings = Required<Omit<TreeOptions, "earlyStopping">> & {
  readonly earlyStopping: Required<EarlyStopping> | undefined;
};

/** XGBoost's own defaults, but for a slower learning rate and twice as many trees. */
const defaults = {
  classCount: 2,
  trees: 200,
  depth: 6,
  learningRate: 0.1,
  minChildWeight: 1,
  lambda: 1,
  gamma: 0,
  maxBins: 256,
  subsample: 1,
  columnSample: 1,
  seed: 1,
} as const;

const defaultHoldoutShare = 0.1;

interface Range {
  readonly min: number;
  readonly max: number;
  readonly isWhole?: boolean;
  /** `min` itself is not allowed. */
  readonly isAbove?: boolean;
}

const share: Range = { min: 0, max: 1, isAbove: true };

const ranges: Readonly<Record<keyof typeof defaults, Range>> = {
  classCount: { min: 2, max: 1000, isWhole: true },
  trees: { min: 1, max: 10_000, isWhole: true },
  depth: { min: 1, max: 12, isWhole: true },
  learningRate: share,
  minChildWeight: { min: 0, max: Number.MAX_VALUE },
  lambda: { min: 0, max: Number.MAX_VALUE },
  gamma: { min: 0, max: Number.MAX_VALUE },
  maxBins: { min: 3, max: 256, isWhole: true },
  subsample: share,
  columnSample: share,
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, isWhole: true },
};

/**
 * Fill in the defaults.
 *
 * @throws {ConfigError} `config.model` when an option is out of range; every one is named.
 */
export function resolveTreeOptions({ earlyStopping, ...options }: TreeOptions): TreeSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: TreeSettings = {
    ...defaults,
    ...given,
    target: options.target,
    earlyStopping: earlyStopping && { holdoutShare: defaultHoldoutShare, ...earlyStopping },
  };
  const problems = Object.entries(ranges)
    .map(([name, range]) => outOfRange(name, settings[name as keyof typeof ranges], range))
    .concat(earlyStoppingProblems(settings.earlyStopping))
    .filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new ConfigError(`trees: ${problems.join("; ")}`, { code: "config.model", details: { problems } });
  }
  return settings;
}

function earlyStoppingProblems(stopping: Required<EarlyStopping> | undefined): (string | undefined)[] {
  if (stopping === undefined) return [];
  return [
    outOfRange("earlyStopping.rounds", stopping.rounds, { min: 1, max: 10_000, isWhole: true }),
    outOfRange("earlyStopping.holdoutShare", stopping.holdoutShare, { min: 0, max: 0.9, isAbove: true }),
  ];
}

function outOfRange(name: string, value: number, { min, max, isWhole, isAbove }: Range): string | undefined {
  const isWithin = (isAbove ? value > min : value >= min) && value <= max;
  if (isWithin && (!isWhole || Number.isInteger(value))) return undefined;
  const kind = isWhole ? "a whole number" : "a number";
  return `${name}: got ${value}, expected ${kind} ${isAbove ? "above" : "from"} ${min} to ${max}`;
}
