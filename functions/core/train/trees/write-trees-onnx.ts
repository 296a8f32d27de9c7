import type { Tensor } from "../../inference/tensor.ts";
import { buildModel, type NodeDefinition, type ValueDefinition } from "../onnx/build-model.ts";
import { mlDomain } from "../onnx/onnx-types.ts";
import type { Tree, TreeEnsemble } from "./tree-ensemble.ts";

/** Names of the model's tensors, which who reads it goes by. */
export interface TreeTensors {
  readonly input: string;
  readonly output: string;
  /** Likeliest class, int64 [N]. @default the model has no such output */
  readonly label?: string;
  /** For binary: the probability of yes alone, [N, 1], in place of both. @default false */
  readonly isYesAlone?: boolean;
}

/**
 * Write trees as an ONNX model; equal ensembles give equal bytes.
 *
 * Input `features` float32 [N, featureCount]. Outputs of a classifier: `label` int64 [N] and `probabilities` float32 [N, classes]; of a
 * regression: `variable` float32 [N, 1].
 *
 * Comparisons are those of the trainer: `<=` in single precision, NaN to the side that was learned. A category's code goes through a
 * LabelEncoder to its rank, and to NaN when it has none.
 *
 * @param tensors - other names than those.
 * @see ONNX operators, ai.onnx.ml version 3: TreeEnsembleClassifier, TreeEnsembleRegressor; LabelEncoder-2
 */
export function writeTreesOnnx(
  ensemble: TreeEnsemble,
  tensors: TreeTensors = ensemble.target === "regression" ? regressionTensors : classTensors,
): Uint8Array {
  const { target, featureCount, baseMargins } = ensemble;
  const { input, output, label } = tensors;
  const isClassifier = target !== "regression";
  const isYesAlone = target === "binary" && tensors.isYesAlone === true;
  const classCount = target === "binary" ? 2 : baseMargins.length;
  const categories = encodeCategories(ensemble, input);
  const scores = isYesAlone ? inner("both") : output;
  return buildModel({
    inputs: [{ name: input, type: "float32", shape: ["N", featureCount] }],
    outputs: [
      ...(isClassifier && label !== undefined
        ? [{ name: label, type: "int64", shape: ["N"] } satisfies ValueDefinition]
        : []),
      { name: output, type: "float32", shape: ["N", isClassifier && !isYesAlone ? classCount : 1] },
    ],
    initialisers: { ...categories.initialisers, ...(isYesAlone && { [inner("yes")]: place(1) }) },
    nodes: [
      ...categories.nodes,
      treeNode(ensemble, categories, isClassifier ? [label ?? inner("label"), scores] : [scores]),
      ...(isYesAlone ? [gatherColumn(scores, { place: inner("yes"), output })] : []),
    ],
  });
}

const classTensors: TreeTensors = { input: "features", output: "probabilities", label: "label" };
const regressionTensors: TreeTensors = { input: "features", output: "variable" };

/** A name that no tensor of a package is likely to have. */
function inner(name: string): string {
  return `trees/${name}`;
}

function place(column: number): Tensor {
  return { type: "int64", shape: [1], data: BigInt64Array.of(BigInt(column)) };
}

function gatherColumn(
  table: string,
  { place, output }: { readonly place: string; readonly output: string },
): NodeDefinition {
  return { opType: "Gather", inputs: [table, place], outputs: [output], attributes: { axis: { int: 1 } } };
}

interface EncodedCategories {
  readonly nodes: readonly NodeDefinition[];
  readonly initialisers: Readonly<Record<string, Tensor>>;
  /** Name of the value that the trees read. */
  readonly output: string;
  /** Column of that value which a tree's feature is. */
  readonly columnOf: (feature: number) => number;
}

/** The rows with the ranks of their categories as further columns: those of them that a tree tests. */
function encodeCategories(
  { categories, featureCount, trees }: TreeEnsemble,
  input: string,
): EncodedCategories {
  const tested = new Set(trees.flatMap(({ features }) => [...new Set(features)]));
  const used = categories.filter(({ feature }) => tested.has(feature));
  if (used.length === 0)
    return { nodes: [], initialisers: {}, output: input, columnOf: (feature) => feature };
  const places = new Map(used.map(({ feature }, i) => [feature, featureCount + i]));
  const nodes = used.flatMap(({ feature, codes, ranks }): NodeDefinition[] => [
    gatherColumn(input, { place: inner(`place${feature}`), output: inner(`code${feature}`) }),
    {
      opType: "LabelEncoder",
      domain: mlDomain,
      inputs: [inner(`code${feature}`)],
      outputs: [inner(`rank${feature}`)],
      attributes: {
        keys_floats: { floats: codes },
        values_floats: { floats: ranks },
        default_float: { float: Number.NaN },
      },
    },
  ]);
  const ranks = used.map(({ feature }) => inner(`rank${feature}`));
  return {
    nodes: [
      ...nodes,
      {
        opType: "Concat",
        inputs: [input, ...ranks],
        outputs: [inner("columns")],
        attributes: { axis: { int: 1 } },
      },
    ],
    initialisers: Object.fromEntries(used.map(({ feature }) => [inner(`place${feature}`), place(feature)])),
    output: inner("columns"),
    columnOf: (feature) => places.get(feature) ?? feature,
  };
}

function treeNode(
  ensemble: TreeEnsemble,
  { output, columnOf }: EncodedCategories,
  outputs: readonly string[],
): NodeDefinition {
  const { target, baseMargins } = ensemble;
  const trees = target === "binary" ? [...ensemble.trees, negligibleTree] : ensemble.trees;
  const nodes = trees.flatMap((tree, number) => nodesOf(tree, number, number % baseMargins.length));
  const leaves = nodes.filter(({ feature }) => feature < 0);
  const shape = {
    base_values: { floats: baseMargins },
    nodes_falsenodeids: { ints: nodes.map(({ right }) => right) },
    nodes_featureids: { ints: nodes.map(({ feature }) => (feature < 0 ? 0 : columnOf(feature))) },
    nodes_missing_value_tracks_true: { ints: nodes.map(({ missingLeft }) => missingLeft) },
    nodes_modes: { strings: nodes.map(({ feature }) => (feature < 0 ? "LEAF" : "BRANCH_LEQ")) },
    nodes_nodeids: { ints: nodes.map(({ id }) => id) },
    nodes_treeids: { ints: nodes.map(({ tree }) => tree) },
    nodes_truenodeids: { ints: nodes.map(({ left }) => left) },
    nodes_values: { floats: nodes.map(({ feature, value }) => (feature < 0 ? 0 : value)) },
  };
  const [ids, nodeIds, treeIds, weights] = [
    { ints: leaves.map(({ margin }) => margin) },
    { ints: leaves.map(({ id }) => id) },
    { ints: leaves.map(({ tree }) => tree) },
    { floats: leaves.map(({ value }) => value) },
  ];
  if (target === "regression") {
    return {
      opType: "TreeEnsembleRegressor",
      domain: mlDomain,
      inputs: [output],
      outputs,
      attributes: {
        ...shape,
        aggregate_function: { string: "SUM" },
        n_targets: { int: 1 },
        post_transform: { string: "NONE" },
        target_ids: ids,
        target_nodeids: nodeIds,
        target_treeids: treeIds,
        target_weights: weights,
      },
    };
  }
  return {
    opType: "TreeEnsembleClassifier",
    domain: mlDomain,
    inputs: [output],
    outputs,
    attributes: {
      ...shape,
      class_ids: ids,
      class_nodeids: nodeIds,
      class_treeids: treeIds,
      class_weights: weights,
      classlabels_int64s: {
        ints: Array.from({ length: target === "binary" ? 2 : baseMargins.length }, (_, k) => k),
      },
      post_transform: { string: target === "binary" ? "LOGISTIC" : "SOFTMAX" },
    },
  };
}

/**
 * One leaf of next to nothing, below zero. Where a binary ensemble has no negative leaf, ONNX Runtime takes the sum for a probability and
 * gives the label by whether that is above one half, instead of zero (1.30).
 */
const negligibleTree: Tree = {
  features: Int32Array.of(-1),
  values: Float32Array.of(-1e-30),
  left: Int32Array.of(0),
  right: Int32Array.of(0),
  missingLeft: Uint8Array.of(0),
};

interface EnsembleNode {
  readonly tree: number;
  readonly id: number;
  readonly margin: number;
  /** -1 for a leaf. */
  readonly feature: number;
  readonly value: number;
  readonly left: number;
  readonly right: number;
  readonly missingLeft: number;
}

function nodesOf(tree: Tree, number: number, margin: number): EnsembleNode[] {
  return Array.from(tree.features, (feature, id) => ({
    tree: number,
    id,
    margin,
    feature,
    value: tree.values[id]!,
    left: tree.left[id]!,
    right: tree.right[id]!,
    missingLeft: tree.missingLeft[id]!,
  }));
}
