import { buildModel } from "../../functions/core/train/onnx/build-model.ts";
import { mlDomain } from "../../functions/core/train/onnx/onnx-types.ts";
import { type Random, seededRandom } from "./random.ts";

/**
 * A boosted-tree classifier of random trees, as XGBoost's converters write it: `features` float32 [N, 30] to `label` int64 [N] and
 * `probabilities` float32 [N, 2].
 *
 * Every tree is full: `depth` splits on the way to each leaf. Thresholds suit standard normal features, and lie within the range
 * that the splits above leave, so that every leaf can be reached.
 */
export function treeModel({ treeCount = 300, depth = 6, featureCount = 30, seed = 1 } = {}): Uint8Array {
  const random = seededRandom(seed);
  const nodes = Array.from({ length: treeCount }, (_, tree) =>
    growTree(random, tree, depth, featureCount),
  ).flat();
  const leaves = nodes.filter(({ isLeaf }) => isLeaf);
  const zeros = { ints: nodes.map(() => 0) };
  return buildModel({
    inputs: [{ name: "features", type: "float32", shape: ["N", featureCount] }],
    outputs: [
      { name: "label", type: "int64", shape: ["N"] },
      { name: "probabilities", type: "float32", shape: ["N", 2] },
    ],
    nodes: [
      {
        opType: "TreeEnsembleClassifier",
        domain: mlDomain,
        inputs: ["features"],
        outputs: ["label", "probabilities"],
        attributes: {
          base_values: { floats: [0] },
          class_ids: { ints: leaves.map(() => 0) },
          class_nodeids: { ints: leaves.map(({ id }) => id) },
          class_treeids: { ints: leaves.map(({ tree }) => tree) },
          class_weights: { floats: leaves.map(({ value }) => value) },
          classlabels_int64s: { ints: [0, 1] },
          nodes_falsenodeids: { ints: nodes.map(({ id, isLeaf }) => (isLeaf ? 0 : 2 * id + 2)) },
          nodes_featureids: { ints: nodes.map(({ feature }) => feature) },
          nodes_missing_value_tracks_true: zeros,
          nodes_modes: { strings: nodes.map(({ isLeaf }) => (isLeaf ? "LEAF" : "BRANCH_LT")) },
          nodes_nodeids: { ints: nodes.map(({ id }) => id) },
          nodes_treeids: { ints: nodes.map(({ tree }) => tree) },
          nodes_truenodeids: { ints: nodes.map(({ id, isLeaf }) => (isLeaf ? 0 : 2 * id + 1)) },
          nodes_values: { floats: nodes.map(({ isLeaf, value }) => (isLeaf ? 0 : value)) },
          post_transform: { string: "LOGISTIC" },
        },
      },
    ],
    opsets: { "": 17, [mlDomain]: 1 },
  });
}

interface TreeNode {
  readonly tree: number;
  /** In breadth-first order from 0: the children of `i` are `2i + 1` (below the threshold) and `2i + 2`. */
  readonly id: number;
  readonly isLeaf: boolean;
  readonly feature: number;
  /** Threshold of a split, weight of a leaf. */
  readonly value: number;
}

function growTree(random: Random, tree: number, depth: number, featureCount: number): TreeNode[] {
  const firstLeaf = 2 ** depth - 1;
  const nodes: TreeNode[] = [];
  const grow = (id: number, ranges: ReadonlyMap<number, readonly [number, number]>): void => {
    if (id >= firstLeaf) {
      nodes.push({ tree, id, isLeaf: true, feature: 0, value: Math.fround(random.normal() * 0.05) });
      return;
    }
    const feature = random.integer(featureCount);
    const [low, high] = ranges.get(feature) ?? [-2, 2];
    // Near the middle of what is left, as a trained tree splits: both sides stay common.
    const value = Math.fround(low + (high - low) * (0.3 + 0.4 * random.uniform()));
    nodes.push({ tree, id, isLeaf: false, feature, value });
    grow(2 * id + 1, new Map(ranges).set(feature, [low, value]));
    grow(2 * id + 2, new Map(ranges).set(feature, [value, high]));
  };
  grow(0, new Map());
  return nodes;
}
