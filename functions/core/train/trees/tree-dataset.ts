import { InputError } from "../../errors.ts";
import type { TreeSettings } from "./tree-options.ts";

/** Rows to learn from, in any order. */
export interface TreeDataset {
  readonly rowCount: number;
  /** One array per feature, one element per row; NaN is missing, infinities are values. */
  readonly columns: readonly Float32Array[];
  /** Features whose values are names rather than quantities, by position. @default none */
  readonly categorical?: readonly number[];
  /** The truth: any finite number, 0 to 1 for binary (a teacher's probability will do), a class from 0 for multi-class. */
  readonly labels: Float32Array;
  /** What each row counts, not negative. @default 1 each */
  readonly weights?: Float32Array;
  /** When each row happened, epoch milliseconds: the newest are held out for early stopping. */
  readonly timesMs?: Float64Array;
}

/**
 * Hold rows to what training needs; every problem is named at once.
 *
 * @param holdout - rows to stop early on, where they are given.
 * @throws {InputError} `input.shape` or `input.range`
 */
export function checkDataset(
  dataset: TreeDataset,
  settings: TreeSettings,
  holdout: TreeDataset | undefined,
): void {
  const { rowCount, labels, columns } = dataset;
  throwIfAny("input.shape", [
    ...wrongShapes("", dataset),
    rowCount < 2 ? `rows: got ${rowCount}, expected at least 2; widen the time window` : undefined,
    ...(holdout ? wrongShapes("holdout ", holdout) : []),
    holdout && holdout.columns.length !== columns.length
      ? `holdout columns: got ${holdout.columns.length}, expected ${columns.length}, as in training`
      : undefined,
  ]);
  throwIfAny("input.range", [
    ...wrongValues("", dataset, settings),
    settings.target !== "regression" && labels.every((label) => label === labels[0])
      ? `labels: got ${labels[0]} only, expected at least two classes; widen the time window`
      : undefined,
    settings.earlyStopping && !holdout && !dataset.timesMs
      ? "times: got none, expected one per row or a holdout; early stopping holds out the newest rows"
      : undefined,
    ...(holdout ? wrongValues("holdout ", holdout, settings) : []),
  ]);
}

function throwIfAny(code: "input.shape" | "input.range", found: readonly (string | undefined)[]): void {
  const problems = found.filter((problem) => problem !== undefined);
  if (problems.length === 0) return;
  throw new InputError(`training rows: ${problems.join("; ")}`, { code, details: { problems } });
}

function wrongShapes(whose: string, dataset: TreeDataset): (string | undefined)[] {
  const { rowCount, columns, labels, weights, timesMs, categorical = [] } = dataset;
  const wrongLength = (what: string, values: ArrayLike<number> | undefined) =>
    values === undefined || values.length === rowCount
      ? undefined
      : `${whose}${what}: got ${values.length} elements, expected ${rowCount}, one per row`;
  return [
    ...columns.map((column, i) => wrongLength(`column ${i}`, column)),
    wrongLength("labels", labels),
    wrongLength("weights", weights),
    wrongLength("times", timesMs),
    columns.length === 0 ? `${whose}columns: got none, expected at least one feature` : undefined,
    rowCount === 0 ? `${whose}rows: got none, expected some` : undefined,
    ...categorical
      .filter((feature) => columns[feature] === undefined)
      .map((feature) => `${whose}categorical: got feature ${feature}, expected 0 to ${columns.length - 1}`),
  ];
}

function wrongValues(
  whose: string,
  { labels, weights, timesMs }: TreeDataset,
  settings: TreeSettings,
): (string | undefined)[] {
  const problems = [
    wrongLabel(labels, settings),
    weights && wrongWeight(weights),
    timesMs?.some(Number.isNaN) ? "times: got NaN, expected epoch milliseconds" : undefined,
  ];
  return problems.map((problem) => problem && whose + problem);
}

function wrongWeight(weights: Float32Array): string | undefined {
  const wrong = weights.find((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong !== undefined) return `weights: got ${wrong}, expected finite numbers from 0`;
  return weights.some((weight) => weight > 0) ? undefined : "weights: got 0 only, expected some above";
}

function wrongLabel(labels: Float32Array, { target, classCount }: TreeSettings): string | undefined {
  const [allowed, isAllowed] = {
    regression: ["finite numbers", Number.isFinite] as const,
    binary: ["0 to 1", (label: number) => label >= 0 && label <= 1] as const,
    multiclass: [
      `whole numbers from 0 to ${classCount - 1}`,
      (label: number) => Number.isInteger(label) && label >= 0 && label < classCount,
    ] as const,
  }[target];
  const wrong = labels.find((label) => !isAllowed(label));
  return wrong === undefined ? undefined : `labels: got ${wrong}, expected ${allowed}`;
}
