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
 * Hold a dataset to what training needs; every problem is named at once.
 *
 * @throws {InputError} `input.shape` or `input.range`
 */
export function checkDataset(dataset: TreeDataset, settings: TreeSettings): void {
  const { rowCount, columns, labels, weights, timesMs, categorical = [] } = dataset;
  const shapes = [
    ...columns.map((column, i) => wrongLength(`column ${i}`, column.length, rowCount)),
    wrongLength("labels", labels.length, rowCount),
    weights && wrongLength("weights", weights.length, rowCount),
    timesMs && wrongLength("times", timesMs.length, rowCount),
    columns.length === 0 ? "columns: got none, expected at least one feature" : undefined,
    rowCount < 2 ? `rows: got ${rowCount}, expected at least 2; widen the time window` : undefined,
    ...categorical
      .filter((feature) => columns[feature] === undefined)
      .map((feature) => `categorical: got feature ${feature}, expected 0 to ${columns.length - 1}`),
  ].filter((problem) => problem !== undefined);
  if (shapes.length > 0) throw refused("input.shape", shapes);

  const ranges = [
    wrongLabel(labels, settings),
    weights && wrongWeight(weights),
    settings.earlyStopping && !timesMs
      ? "times: got none, expected one per row; early stopping holds out the newest rows"
      : undefined,
    timesMs?.some(Number.isNaN) ? "times: got NaN, expected epoch milliseconds" : undefined,
  ].filter((problem) => problem !== undefined);
  if (ranges.length > 0) throw refused("input.range", ranges);
}

function refused(code: "input.shape" | "input.range", problems: readonly string[]): InputError {
  return new InputError(`training rows: ${problems.join("; ")}`, { code, details: { problems } });
}

function wrongLength(what: string, got: number, expected: number): string | undefined {
  return got === expected ? undefined : `${what}: got ${got} elements, expected ${expected}, one per row`;
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
  if (wrong !== undefined) return `labels: got ${wrong}, expected ${allowed}`;
  if (target !== "regression" && labels.every((label) => label === labels[0]))
    return `labels: got ${labels[0]} only, expected at least two classes; widen the time window`;
  return undefined;
}
