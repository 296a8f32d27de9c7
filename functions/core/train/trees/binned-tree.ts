import { type BinnedColumns, missingBin } from "./binned-columns.ts";
import type { Tree } from "./tree-ensemble.ts";

/** A tree over bins, as it grows; node 0 is the root. */
export interface BinnedNode {
  /** Column tested; -1 for a leaf. */
  readonly column: number;
  /** Greatest bin that goes left. */
  readonly bin: number;
  readonly isMissingLeft: boolean;
  readonly left: number;
  readonly right: number;
  /** What a leaf adds, in single precision; 0 for a split. */
  readonly value: number;
}

export type BinnedTree = readonly BinnedNode[];

/** One element per bin: 1 where it goes left. A table, for a branch on it would be mispredicted half of the time. */
export function leftTable({ bin, isMissingLeft }: BinnedNode, cuts: Float32Array): Uint8Array {
  const table = new Uint8Array(256).fill(1, 0, bin + 1);
  table[missingBin(cuts)] = Number(isMissingLeft);
  return table;
}

/** Add what the tree says of each row to its margin. @param skip - 1 where a row already has it */
export function addBinnedTree(
  tree: BinnedTree,
  { bins, rowCount, cuts }: BinnedColumns,
  { margins, skip }: { readonly margins: Float32Array; readonly skip?: Uint8Array },
): void {
  const starts = Float64Array.from(tree, ({ column }) => column * rowCount);
  const tables = tree.map((node) => (node.column < 0 ? undefined : leftTable(node, cuts[node.column]!)));
  const rights = Int32Array.from(tree, ({ right }) => right);
  // The left child of a node comes right before its right one.
  for (let row = 0; row < rowCount; row += 1) {
    if (skip !== undefined && skip[row] === 1) continue;
    let at = 0;
    for (let table = tables[0]; table !== undefined; table = tables[at])
      at = rights[at]! - table[bins[starts[at]! + row]!]!;
    margins[row]! += tree[at]!.value;
  }
}

/** The same tree over values. A cut above all values becomes infinity, which every number but NaN is at most. */
export function treeOverValues(tree: BinnedTree, allCuts: readonly Float32Array[]): Tree {
  return {
    features: Int32Array.from(tree, ({ column }) => column),
    values: Float32Array.from(tree, ({ column, bin, value }) =>
      column < 0 ? value : (allCuts[column]![bin] ?? Infinity),
    ),
    left: Int32Array.from(tree, ({ left }) => left),
    right: Int32Array.from(tree, ({ right }) => right),
    missingLeft: Uint8Array.from(tree, ({ isMissingLeft }) => Number(isMissingLeft)),
  };
}
