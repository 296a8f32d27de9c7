import type { Tensor } from "../../../functions/core/inference/tensor.ts";
import { buildModel, type NodeDefinition } from "../../../functions/core/train/onnx/build-model.ts";
import type { LogisticWeights } from "./fit-logistic.ts";
import type { Standards } from "./logistic-rows.ts";
import { type CategoryPlaces, type LogisticTerms, layOut, slotCount } from "./logistic-terms.ts";

export interface LogisticModel {
  /** Columns of the model's input, in order. */
  readonly features: readonly string[];
  readonly terms: LogisticTerms;
  readonly standards: Standards;
  readonly weights: LogisticWeights;
}

/**
 * Write a logistic regression as ONNX: `features` float32 [N, columns] to `probabilities` float32 [N, 2], of no and yes.
 *
 * Numbers go through one matrix product, in which their standardisation is folded. A category is the place of its
 * weight in one table: whole numbers, which float32 holds exactly up to 2²⁴. So a row needs no column more than the
 * features have, however many categories there are.
 */
export function logisticOnnx(model: LogisticModel): Uint8Array {
  const { places, tableSize } = layOut(model.terms);
  if (tableSize >= 2 ** 24)
    throw new Error(`categories: got ${tableSize} places, expected fewer than 2^24; cross fewer columns`);
  const numbers = numberNodes(model);
  const categories = places.length === 0 ? undefined : categoryNodes(model, places);
  return buildModel({
    inputs: [{ name: "features", type: "float32", shape: ["N", model.features.length] }],
    outputs: [{ name: "probabilities", type: "float32", shape: ["N", 2] }],
    initialisers: { ...numbers.initialisers, ...categories?.initialisers, one: floats([1], [1]) },
    nodes: [
      ...numbers.nodes,
      ...(categories?.nodes ?? []),
      categories === undefined
        ? { opType: "Identity", inputs: ["ofNumbers"], outputs: ["logOdds"] }
        : { opType: "Add", inputs: ["ofNumbers", "ofCategories"], outputs: ["logOdds"] },
      { opType: "Sigmoid", inputs: ["logOdds"], outputs: ["yes"] },
      { opType: "Sub", inputs: ["one", "yes"], outputs: ["no"] },
      {
        opType: "Concat",
        inputs: ["no", "yes"],
        outputs: ["probabilities"],
        attributes: { axis: { int: 1 } },
      },
    ],
  });
}

interface Part {
  readonly initialisers: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly NodeDefinition[];
}

/** bias + Σ weight · (value − mean) / deviation, as one product. */
function numberNodes({ features, terms, standards, weights }: LogisticModel): Part {
  const folded = features.map(() => 0);
  let bias = weights.bias;
  terms.numbers.forEach((name, i) => {
    const weight = weights.numbers[i]! / standards.deviations[i]!;
    folded[features.indexOf(name)]! += weight;
    bias -= weight * standards.means[i]!;
  });
  return {
    initialisers: { weights: floats([features.length, 1], folded), bias: floats([1], [bias]) },
    nodes: [{ opType: "Gemm", inputs: ["features", "weights", "bias"], outputs: ["ofNumbers"] }],
  };
}

/** slot = clamp(floor(value) + 1); place = first place + Σ stride · slot; the sum of the weights at the places. */
function categoryNodes({ features, weights }: LogisticModel, places: readonly CategoryPlaces[]): Part {
  const columns = [
    ...new Map(places.flatMap((each) => each.columns).map((column) => [column.name, column])).values(),
  ];
  const selection = features.flatMap((name) => columns.map((column) => Number(column.name === name)));
  const strides = columns.flatMap(({ name }) =>
    places.map((each) => each.columns.find((column) => column.name === name)?.stride ?? 0),
  );
  return {
    initialisers: {
      selection: floats([features.length, columns.length], selection),
      ones: floats(
        [columns.length],
        columns.map(() => 1),
      ),
      least: floats([1], [0]),
      greatest: floats(
        [columns.length],
        columns.map((column) => slotCount(column) - 1),
      ),
      strides: floats([columns.length, places.length], strides),
      firstPlaces: floats(
        [places.length],
        places.map(({ firstPlace }) => firstPlace),
      ),
      table: floats([weights.table.length], weights.table),
      placeAxis: { type: "int64", shape: [1], data: BigInt64Array.of(1n) },
    },
    nodes: [
      { opType: "Gemm", inputs: ["features", "selection", "ones"], outputs: ["raised"] },
      { opType: "Floor", inputs: ["raised"], outputs: ["whole"] },
      { opType: "Max", inputs: ["whole", "least"], outputs: ["notBelow"] },
      { opType: "Min", inputs: ["notBelow", "greatest"], outputs: ["slots"] },
      { opType: "Gemm", inputs: ["slots", "strides", "firstPlaces"], outputs: ["placeNumbers"] },
      {
        opType: "Cast",
        inputs: ["placeNumbers"],
        outputs: ["placesOfRow"],
        attributes: { to: { int: 7 } },
      },
      {
        opType: "Gather",
        inputs: ["table", "placesOfRow"],
        outputs: ["weightsOfRow"],
        attributes: { axis: { int: 0 } },
      },
      {
        opType: "ReduceSum",
        inputs: ["weightsOfRow", "placeAxis"],
        outputs: ["ofCategories"],
        attributes: { keepdims: { int: 1 } },
      },
    ],
  };
}

function floats(shape: readonly number[], values: ArrayLike<number>): Tensor {
  return { type: "float32", shape: [...shape], data: Float32Array.from(values) };
}
