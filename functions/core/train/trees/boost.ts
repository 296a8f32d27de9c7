import type { BinnedColumns } from "./binned-columns.ts";
import { addBinnedTree, type BinnedTree } from "./binned-tree.ts";
import { drawEach, drawExactly } from "./draws.ts";
import type { LossRows, Objective } from "./objective.ts";
import type { SearchTable } from "./search-plan.ts";
import type { TreeDataset } from "./tree-dataset.ts";
import type { TreeGrower } from "./tree-grower.ts";
import type { TreeSettings } from "./tree-options.ts";

/** Binned rows with their truth and what the trees say of them so far. */
export interface ScoredRows extends LossRows {
  readonly columns: BinnedColumns;
}

export interface BoostParts {
  readonly settings: TreeSettings;
  readonly objective: Objective;
  readonly learned: ScoredRows;
  readonly held: ScoredRows | undefined;
  readonly table: SearchTable;
  readonly grower: TreeGrower;
  readonly onRound: (round: number, holdoutLoss: number | undefined) => void | Promise<void>;
}

export interface Boosted {
  /** Round by round, one per margin, up to the best round. */
  readonly trees: readonly BinnedTree[];
  readonly rounds: number;
  readonly bestRound: number;
  readonly holdoutLosses: readonly number[];
}

export function scoreRows(
  { labels, weights }: TreeDataset,
  columns: BinnedColumns,
  baseMargins: Float32Array,
): ScoredRows {
  const margins = new Float32Array(baseMargins.length * labels.length);
  baseMargins.forEach((base, k) => {
    margins.fill(base, k * labels.length, (k + 1) * labels.length);
  });
  return { columns, margins, labels, weights };
}

/** Add rounds of trees, until all are grown or the loss on the holdout has not come down for long enough. */
export async function boost(parts: BoostParts): Promise<Boosted> {
  const { settings, objective, learned, held, onRound } = parts;
  const { marginCount } = objective;
  const pairs = new Float32Array(2 * learned.margins.length);
  const trees: BinnedTree[] = [];
  const holdoutLosses: number[] = [];
  let bestRound = 0;
  let round = 0;
  while (round < settings.trees) {
    objective.derive(learned, pairs);
    for (let k = 0; k < marginCount; k += 1) {
      const tree = growOne(parts, { pairs, margin: k, turn: round * marginCount + k });
      if (held !== undefined) addBinnedTree(tree, held.columns, { margins: marginOf(held, k) });
      trees.push(tree);
    }
    round += 1;
    if (held !== undefined) {
      holdoutLosses.push(objective.loss(held));
      if (bestRound === 0 || holdoutLosses.at(-1)! < holdoutLosses[bestRound - 1]!) bestRound = round;
    }
    await onRound(round, holdoutLosses.at(-1));
    if (settings.earlyStopping !== undefined && round - bestRound >= settings.earlyStopping.rounds) break;
  }
  const kept = settings.earlyStopping === undefined ? round : bestRound;
  return { trees: trees.slice(0, kept * marginCount), rounds: round, bestRound: kept, holdoutLosses };
}

interface Turn {
  /** Of all margins, [margins, rows, 2]. */
  readonly pairs: Float32Array;
  readonly margin: number;
  /** Number of the tree. */
  readonly turn: number;
}

function growOne(
  { settings, learned, table, grower }: BoostParts,
  { pairs, margin, turn }: Turn,
): BinnedTree {
  const { subsample, columnSample, seed } = settings;
  const { rowCount } = table;
  const own = pairs.subarray(2 * margin * rowCount, 2 * (margin + 1) * rowCount);
  const margins = marginOf(learned, margin);
  table.isOpen.set(drawExactly({ count: table.isOpen.length, share: columnSample, seed, turn }));
  if (subsample === 1) {
    for (let row = 0; row < rowCount; row += 1) table.rows[row] = row;
    table.pairs.set(own);
    return grower.grow(rowCount, margins);
  }
  // Another seed, so that rows and columns are drawn apart.
  const drawn = drawEach({ count: rowCount, share: subsample, seed: seed ^ 0x5bd1e995, turn });
  const tree = grower.grow(gather(table, own, drawn), margins);
  addBinnedTree(tree, learned.columns, { margins, skip: drawn });
  return tree;
}

/** Put the drawn rows first, with their derivatives. @returns how many they are */
function gather({ rows, pairs }: SearchTable, from: Float32Array, drawn: Uint8Array): number {
  let count = 0;
  for (let row = 0; row < drawn.length; row += 1) {
    if (drawn[row] === 0) continue;
    rows[count] = row;
    pairs[2 * count] = from[2 * row]!;
    pairs[2 * count + 1] = from[2 * row + 1]!;
    count += 1;
  }
  return count;
}

function marginOf({ margins, labels }: LossRows, margin: number): Float32Array {
  return margins.subarray(margin * labels.length, (margin + 1) * labels.length);
}
