import { modelPackage } from "../../functions/contract/model-package.ts";
import { holdoutFigures } from "../../functions/core/train/evaluate/holdout-figures.ts";
import { treeOptionsOf } from "../../functions/core/train/trees/package-trees.ts";
import { predictTrees } from "../../functions/core/train/trees/predict-trees.ts";
import { trainTrees } from "../../functions/core/train/trees/train-trees.ts";
import type { TreeDataset } from "../../functions/core/train/trees/tree-dataset.ts";
import { type TreeTensors, writeTreesOnnx } from "../../functions/core/train/trees/write-trees-onnx.ts";
import { instantText } from "../flights/instant-text.ts";
import { type ExampleTable, splitByTime } from "../train/example-table.ts";
import { readAirports } from "./airports.ts";
import { windowedFeatures, windowedFlightDelay } from "./flight-delay-windowed.ts";
import { modelJson } from "./model-json.ts";
import type { GeneratedFiles } from "./write-package.ts";

const sampleCount = 24;
const tensors: TreeTensors = { input: "features", output: "probabilities" };

/** How good the model is at some of the examples. */
export interface Quality {
  readonly count: number;
  /** Share of late ones; `undefined` without rows, as the others are. */
  readonly baseRate: number | undefined;
  readonly auc: number | undefined;
  /** In nats. */
  readonly logLoss: number | undefined;
}

export interface Trained {
  readonly files: GeneratedFiles;
  readonly rounds: number;
  readonly training: Quality;
  readonly holdout: Quality;
}

/** A package that answers one half to everything: served over the past, it makes the examples that the first model learns from. */
export async function untrainedFiles(): Promise<GeneratedFiles> {
  const declared = await windowedFlightDelay();
  const nothing = {
    target: "binary",
    featureCount: Object.keys(declared.features).length,
    ...{ categories: [], baseMargins: Float32Array.of(0), trees: [] },
  } as const;
  return { "model.json": modelJson(declared), "model.onnx": writeTreesOnnx(nothing, tensors) };
}

/**
 * Train the package's model by the built-in trainer, as the package's `training` says, and make its files; equal examples give
 * equal bytes.
 *
 * All of its rounds are kept: nothing of the holdout is looked at until the model stands.
 *
 * @param examples - with the package's features as columns, in their order.
 * @param holdoutFromMs - examples of flights from this departure on only measure.
 */
export async function trainedFiles(examples: ExampleTable, holdoutFromMs: number): Promise<Trained> {
  const declared = await windowedFlightDelay();
  const { before, after } = splitByTime(examples, holdoutFromMs);
  if (before.count === 0)
    throw new Error(`no example before ${new Date(holdoutFromMs).toISOString()}; begin the holdout later`);
  const { trees } = modelPackage.parse(declared).training!;
  const options = treeOptionsOf({ ...trees, stopAfter: 0 }, { kind: "binary" });
  const { ensemble, report } = await trainTrees(datasetOf(before), options);
  const scores = predictTrees(ensemble, before.values);
  return {
    files: {
      "model.json": modelJson(declared),
      "model.onnx": writeTreesOnnx(ensemble, tensors),
      "samples.jsonl": await samples(before, scores),
    },
    rounds: report.rounds,
    training: qualityOf(before, scores),
    holdout: qualityOf(after, predictTrees(ensemble, after.values)),
  };
}

function datasetOf({ features, count, values, labels }: ExampleTable): TreeDataset {
  return {
    rowCount: count,
    columns: features.map((_, column) =>
      Float32Array.from({ length: count }, (_, row) => values[row * features.length + column]!),
    ),
    // Their numbers are places in a list.
    categorical: ["origin", "destination"].map((name) => features.indexOf(name)),
    labels: Float32Array.from(labels),
  };
}

function qualityOf({ count, labels }: ExampleTable, scores: Float32Array): Quality {
  if (count === 0) return { count, baseRate: undefined, auc: undefined, logLoss: undefined };
  const { auc, loss } = holdoutFigures({ scores, width: 1, labels: Float32Array.from(labels) }, "binary");
  return { count, baseRate: labels.reduce((sum, label) => sum + label, 0) / count, auc, logLoss: loss };
}

/** The least and the most likely to be late, and others from all over the range, with the probability that the trainer gives. */
async function samples(examples: ExampleTable, scores: Float32Array): Promise<string> {
  const airports = await readAirports();
  const ranked = Array.from(scores, (probability, row) => ({ probability, row })).sort(
    (a, b) => a.probability - b.probability,
  );
  const count = Math.min(sampleCount, ranked.length);
  return Array.from({ length: count }, (_, i) => {
    const { probability, row } = ranked[Math.round((i * (ranked.length - 1)) / Math.max(1, count - 1))]!;
    const featureOf = (name: string) =>
      examples.values[row * examples.features.length + examples.features.indexOf(name)]!;
    const sample = {
      event: {
        type: "departure",
        flight: `sample-${String(i + 1).padStart(2, "0")}`,
        departs: instantText(examples.timesMs[row]!),
        // No airport has this name: what is unknown stays so.
        origin: airports[featureOf("origin")] ?? "???",
        destination: airports[featureOf("destination")] ?? "???",
        distance: featureOf("distance"),
      },
      features: Object.fromEntries(
        Object.entries(windowedFeatures).map(([name, { agg }]) => [name, aggregateOf(agg, featureOf(name))]),
      ),
      outputs: { probability, label: probability >= 0.5 ? "late" : "on time" },
    };
    return `${JSON.stringify(sample)}\n`;
  }).join("");
}

/** What the view gave before the feature's transform: a count is whole, and what was clipped stays as it is when clipped again. */
function aggregateOf(agg: string, value: number): number {
  return agg === "count" ? Math.round(Math.expm1(value)) : value;
}
