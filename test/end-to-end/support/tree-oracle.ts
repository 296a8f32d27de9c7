import { readFile } from "node:fs/promises";
import { parseModel } from "../../../functions/core/train/onnx/parse-model.ts";
import type { Flight } from "../../../scripts/flights/flight.ts";
import { treesFolder } from "../../../scripts/models/flight-delay-trees.ts";

/** The probability that a flight is late. */
export type FlightOracle = (flight: Flight) => number;

/**
 * The flight-delay model worked out by hand: its trees walked one node at a time, the features read off the flight.
 *
 * Nothing of Headrace is in it but the reading of the protobuf, and nothing of ONNX Runtime.
 *
 * @see ONNX operators, ai.onnx.ml, TreeEnsembleClassifier: the weights of the leaves reached are added up, and for
 *   two classes with weights of one the sum goes through the logistic function.
 */
export async function flightOracle(): Promise<FlightOracle> {
  const airportsFile = new URL("../../fixtures/flight-delay/airports.json", import.meta.url);
  const airports: Record<string, number> = JSON.parse(await readFile(airportsFile, "utf8"));
  const sum = await readTrees();
  return ({ departsMs, distanceMiles, origin, destination }) => {
    const departs = new Date(departsMs);
    const features = [
      departs.getUTCHours(),
      departs.getUTCDay(),
      distanceMiles,
      airports[origin] ?? -1,
      airports[destination] ?? -1,
    ];
    return 1 / (1 + Math.exp(-sum(features)));
  };
}

async function readTrees(): Promise<(features: readonly number[]) => number> {
  const { graph } = parseModel(await readFile(new URL("model.onnx", treesFolder)));
  const node = graph.node.find(({ opType }) => opType === "TreeEnsembleClassifier")!;
  const attribute = (name: string) => node.attribute.find((each) => each.name === name)!;
  const ints = (name: string) => attribute(name).ints.map(Number);
  const strings = (name: string) => attribute(name).strings.map((each) => Buffer.from(each).toString());
  const trees = ints("nodes_treeids");
  const ids = ints("nodes_nodeids");
  const modes = strings("nodes_modes");
  const whenTrue = ints("nodes_truenodeids");
  const whenFalse = ints("nodes_falsenodeids");
  const tested = ints("nodes_featureids");
  const thresholds = attribute("nodes_values").floats;
  const key = (tree: number, id: number) => `${tree}/${id}`;
  const place = new Map(ids.map((id, i) => [key(trees[i]!, id), i]));
  const leafTrees = ints("class_treeids");
  const leafWeights = attribute("class_weights").floats;
  const weights = new Map(ints("class_nodeids").map((id, i) => [key(leafTrees[i]!, id), leafWeights[i]!]));
  const roots = [...new Set(trees)].map((tree) => place.get(key(tree, 0))!);
  const base = node.attribute.find(({ name }) => name === "base_values")?.floats[0] ?? 0;

  return (features) =>
    roots.reduce((sum, root) => {
      let at = root;
      while (modes[at] !== "LEAF") {
        if (modes[at] !== "BRANCH_LT") throw new Error(`oracle: knows BRANCH_LT, got ${modes[at]}`);
        const isBelow = features[tested[at]!]! < thresholds[at]!;
        at = place.get(key(trees[at]!, (isBelow ? whenTrue : whenFalse)[at]!))!;
      }
      return sum + weights.get(key(trees[at]!, ids[at]!))!;
    }, base);
}
