/** What is predicted: a number, the probability of yes, or one probability per class. */
export type TreeTarget = "regression" | "binary" | "multiclass";

/** One tree; node 0 is its root, and every array has one element per node. */
export interface Tree {
  /** Feature tested; -1 for a leaf. */
  readonly features: Int32Array;
  /** Of a split, the greatest value that goes left; of a leaf, what it adds to its margin. */
  readonly values: Float32Array;
  /** Child of a split; 0 for a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 where NaN goes left. */
  readonly missingLeft: Uint8Array;
}

/**
 * Boosted trees. Tree `i` adds to margin `i % baseMargins.length`; margins become outputs by the logistic function (binary), softmax
 * (multi-class) or as they are (regression).
 *
 * Sums are in single precision, tree by tree, the base last: what ONNX Runtime does.
 */
export interface TreeEnsemble {
  readonly target: TreeTarget;
  readonly featureCount: number;
  /** Features of which trees test the rank of the category instead of its code. */
  readonly categories: readonly CategoryRanks[];
  /** One per margin: one for regression and binary, one per class for multi-class. */
  readonly baseMargins: Float32Array;
  readonly trees: readonly Tree[];
}

/** The place of each known category in an order; any other value counts as missing. */
export interface CategoryRanks {
  readonly feature: number;
  /** Ascending. */
  readonly codes: Float32Array;
  /** Of `codes`, by position: 0 to `codes.length - 1`, each once. */
  readonly ranks: Float32Array;
}
