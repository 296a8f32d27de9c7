import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { TreeDataset } from "../../../../../functions/core/train/trees/tree-dataset.ts";
import type { TreeTarget } from "../../../../../functions/core/train/trees/tree-ensemble.ts";

const folder = new URL("../../../../fixtures/trees/", import.meta.url);

interface TableFacts {
  readonly name: string;
  readonly target: TreeTarget;
  readonly classCount: number;
  readonly rows: number;
  readonly trainRows: number;
  readonly features: readonly string[];
  readonly trees: number;
  readonly depth: number;
  readonly learningRate: number;
  /** What XGBoost reached on the holdout. */
  readonly xgboost: { readonly auc?: number; readonly logLoss?: number; readonly rmse?: number };
}

/** A public table, divided, and what XGBoost learned of it (made by test/fixtures/trees/make.py). */
export interface XgboostTable extends TableFacts {
  readonly training: TreeDataset;
  readonly holdout: TreeDataset;
  /** XGBoost's own predictions of the holdout, row-major. */
  readonly predicted: Float32Array;
}

export async function readXgboostTable(name: string): Promise<XgboostTable> {
  const { tables } = JSON.parse(await readFile(new URL("tables.json", folder), "utf8")) as {
    readonly tables: readonly TableFacts[];
  };
  const facts = tables.find((table) => table.name === name);
  if (facts === undefined) throw new Error(`no table ${name}`);
  const bytes = gunzipSync(await readFile(new URL(`${name}.f32.gz`, folder)));
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const { rows, trainRows, features } = facts;
  const part = (from: number, to: number): TreeDataset => ({
    rowCount: to - from,
    columns: features.map((_, feature) => numbers.slice(feature * rows + from, feature * rows + to)),
    labels: numbers.slice(features.length * rows + from, features.length * rows + to),
  });
  return {
    ...facts,
    training: part(0, trainRows),
    holdout: part(trainRows, rows),
    predicted: numbers.slice((features.length + 1) * rows),
  };
}
