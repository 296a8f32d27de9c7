import type { BinnedColumns } from "./binned-columns.ts";
import { type BinnedNode, type BinnedTree, leftTable } from "./binned-tree.ts";
import type { FeatureSearch } from "./feature-search.ts";
import type { Sums } from "./find-split.ts";
import { movePairs } from "./move-pairs.ts";
import { type Family, type OpenNode, readSplit, type Split, writePlan } from "./search-level.ts";
import type { RemoteSearches, SearchTable } from "./search-plan.ts";
import type { TreeSettings } from "./tree-options.ts";

export interface TreeGrower {
  /**
   * Grow one tree on the first `rowCount` of the table's rows, whose derivatives are in place, and add what it says of them to their margins.
   * The rows are left in another order.
   */
  grow(rowCount: number, margins: Float32Array): BinnedTree;
}

export interface GrowerParts {
  readonly table: SearchTable;
  readonly columns: BinnedColumns;
  readonly settings: TreeSettings;
  /** The search over this thread's share of the columns. */
  readonly own: FeatureSearch;
  /** The searches over the others' shares, where there are other threads. */
  readonly remote: RemoteSearches | undefined;
  /** All of them. */
  readonly threads: number;
}

/** Make a grower that goes level by level, as XGBoost does by default. Nothing in a tree depends on the number of threads. */
export function createTreeGrower({
  table,
  columns,
  settings,
  own,
  remote,
  threads,
}: GrowerParts): TreeGrower {
  const { rows, pairs, rowCount: stride, rules, maxNodes } = table;
  const { learningRate, depth } = settings;
  const scratch = { rows: new Uint32Array(stride), pairs: new Float32Array(2 * stride) };

  return {
    grow(rowCount, margins) {
      const nodes: BinnedNode[] = [];
      const slots = Array.from({ length: maxNodes }, (_, i) => maxNodes - 1 - i);
      const root = { from: 0, to: rowCount, ...sumUp(pairs, rowCount) };
      let families: readonly Family[] = [{ built: addLeaf(root), builtSlot: slots.pop()! }];
      for (let level = 1; families.length > 0; level += 1) {
        searchAll(families);
        families = families.flatMap(({ built, builtSlot, derived }, i) => [
          ...divide(built, builtSlot, { place: 2 * i, level }),
          ...(derived ? divide(derived.node, derived.slot, { place: 2 * i + 1, level }) : []),
        ]);
      }
      return nodes;

      /** Split a node where the search says so. @returns its children, where they may be split in turn. */
      function divide(node: OpenNode, slot: number, at: { place: number; level: number }): Family[] {
        const split = readSplit(table, threads, at.place);
        if (split === undefined) {
          slots.push(slot);
          settle(node);
          return [];
        }
        const { left, right, goesLeft, bins } = addSplit(node, split);
        if (at.level === depth) {
          settleChildren(node, { left, right, goesLeft, bins });
          return [];
        }
        const middle = movePairs({ rows, pairs, from: node.from, to: node.to }, bins, { goesLeft, scratch });
        const [first, second] = [
          { ...left, from: node.from, to: middle },
          { ...right, from: middle, to: node.to },
        ];
        if (Math.max(left.curvature, right.curvature) < 2 * rules.minChildWeight) {
          slots.push(slot);
          settle(first);
          settle(second);
          return [];
        }
        const [built, derived] = middle - node.from <= node.to - middle ? [first, second] : [second, first];
        return [{ built, builtSlot: slots.pop()!, derived: { node: derived, slot } }];
      }

      function addSplit(node: OpenNode, split: Split) {
        const left = addLeaf({
          from: 0,
          to: 0,
          gradient: split.leftGradient,
          curvature: split.leftCurvature,
        });
        const right = addLeaf({
          from: 0,
          to: 0,
          gradient: node.gradient - split.leftGradient,
          curvature: node.curvature - split.leftCurvature,
        });
        const { column, bin, isMissingLeft } = split;
        const divided = { column, bin, isMissingLeft, left: left.id, right: right.id, value: 0 };
        nodes[node.id] = divided;
        return {
          left,
          right,
          goesLeft: leftTable(divided, columns.cuts[column]!),
          bins: table.bins.subarray(column * stride, (column + 1) * stride),
        };
      }

      function addLeaf(node: Omit<OpenNode, "id">): OpenNode {
        const value = Math.fround((-learningRate * node.gradient) / (node.curvature + rules.lambda));
        nodes.push({ column: -1, bin: 0, isMissingLeft: false, left: 0, right: 0, value });
        return { ...node, id: nodes.length - 1 };
      }

      function settle({ id, from, to }: OpenNode): void {
        const { value } = nodes[id]!;
        for (let i = from; i < to; i += 1) margins[rows[i]!]! += value;
      }

      /** The rows of the last level need no moving. */
      function settleChildren(
        { from, to }: OpenNode,
        { left, right, goesLeft, bins }: ReturnType<typeof addSplit>,
      ): void {
        const values = Float32Array.of(nodes[right.id]!.value, nodes[left.id]!.value);
        for (let i = from; i < to; i += 1) {
          const row = rows[i]!;
          margins[row]! += values[goesLeft[bins[row]!]!]!;
        }
      }
    },
  };

  function searchAll(families: readonly Family[]): void {
    writePlan(table, families);
    remote?.begin();
    own.search();
    remote?.finish();
  }
}

function sumUp(pairs: Float32Array, rowCount: number): Sums {
  let gradient = 0;
  let curvature = 0;
  for (let i = 0; i < rowCount; i += 1) {
    gradient += pairs[2 * i]!;
    curvature += pairs[2 * i + 1]!;
  }
  return { gradient, curvature };
}
