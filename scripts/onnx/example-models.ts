import type { Tensor } from "../../functions/core/inference/tensor.ts";
import { buildModel, type NodeDefinition } from "../../functions/core/train/onnx/build-model.ts";
import { type Random, seededRandom } from "./random.ts";

/**
 * A perceptron with random weights: `features` float32 [N, 30] to `score` float32 [N, 1] through layers of 128 and 64 units
 * (rectified) and a sigmoid.
 */
export function perceptronModel({ sizes = [30, 128, 64, 1], seed = 1 } = {}): Uint8Array {
  const random = seededRandom(seed);
  const initialisers: Record<string, Tensor> = {};
  const nodes: NodeDefinition[] = [];
  let from = "features";
  for (let layer = 1; layer < sizes.length; layer++) {
    const isLast = layer === sizes.length - 1;
    const [weights, bias, sum] = [`weights${layer}`, `bias${layer}`, `sum${layer}`];
    Object.assign(initialisers, dense(random, sizes[layer - 1]!, sizes[layer]!, weights, bias));
    const to = isLast ? "score" : `layer${layer}`;
    nodes.push({ opType: "Gemm", inputs: [from, weights, bias], outputs: [sum] });
    nodes.push({ opType: isLast ? "Sigmoid" : "Relu", inputs: [sum], outputs: [to] });
    from = to;
  }
  return buildModel({
    inputs: [{ name: "features", type: "float32", shape: ["N", sizes[0]!] }],
    outputs: [{ name: "score", type: "float32", shape: ["N", sizes.at(-1)!] }],
    nodes,
    initialisers,
  });
}

/** Logistic regression with random weights: `features` float32 [N, 30] to `score` float32 [N, 1]. */
export function logisticModel({ featureCount = 30, seed = 1 } = {}): Uint8Array {
  return perceptronModel({ sizes: [featureCount, 1], seed });
}

/** A linear classifier of a 4 × 8 tensor with random weights: `embedding` float32 [N, 4, 8] to `scores` float32 [N, 3], which sum to 1. */
export function embeddingModel({ seed = 1 } = {}): Uint8Array {
  return buildModel({
    inputs: [{ name: "embedding", type: "float32", shape: ["N", 4, 8] }],
    outputs: [{ name: "scores", type: "float32", shape: ["N", 3] }],
    nodes: [
      { opType: "Flatten", inputs: ["embedding"], outputs: ["flat"], attributes: { axis: { int: 1 } } },
      { opType: "Gemm", inputs: ["flat", "weights", "bias"], outputs: ["logits"] },
      { opType: "Softmax", inputs: ["logits"], outputs: ["scores"], attributes: { axis: { int: 1 } } },
    ],
    initialisers: dense(seededRandom(seed), 32, 3, "weights", "bias"),
  });
}

/**
 * A model that one bad row makes fail as a whole: `features` float32 [N, 2] to `score` float32 [N, 1].
 *
 * The first feature is a row's place in `table`, and a place outside of it fails the run; the second is ignored.
 */
export function tableModel({ table = [0.1, 0.2, 0.3, 0.4] } = {}): Uint8Array {
  return buildModel({
    inputs: [{ name: "features", type: "float32", shape: ["N", 2] }],
    outputs: [{ name: "score", type: "float32", shape: ["N", 1] }],
    nodes: [
      {
        opType: "Gather",
        inputs: ["features", "first"],
        outputs: ["place"],
        attributes: { axis: { int: 1 } },
      },
      { opType: "Cast", inputs: ["place"], outputs: ["index"], attributes: { to: { int: 7 } } },
      { opType: "Gather", inputs: ["table", "index"], outputs: ["score"], attributes: { axis: { int: 0 } } },
    ],
    initialisers: {
      first: { type: "int64", shape: [1], data: BigInt64Array.of(0n) },
      table: { type: "float32", shape: [table.length], data: Float32Array.from(table) },
    },
  });
}

/** Weights scaled so that sums keep the spread of their inputs (Glorot's), and small biases. */
function dense(
  random: Random,
  from: number,
  to: number,
  weights: string,
  bias: string,
): Record<string, Tensor> {
  const spread = Math.sqrt(2 / (from + to));
  return {
    [weights]: {
      type: "float32",
      shape: [from, to],
      data: Float32Array.from({ length: from * to }, () => random.normal() * spread),
    },
    [bias]: {
      type: "float32",
      shape: [to],
      data: Float32Array.from({ length: to }, () => random.normal() * 0.1),
    },
  };
}
