import { instantText } from "../flights/instant-text.ts";
import { type ExampleTable, splitByTime } from "../train/example-table.ts";
import { logisticOnnx } from "../train/logistic/logistic-onnx.ts";
import { layOut } from "../train/logistic/logistic-terms.ts";
import { type Trained, trainLogistic } from "../train/logistic/train-logistic.ts";
import { readAirports } from "./airports.ts";
import { flightDelayTerms, windowedFeatures, windowedFlightDelay } from "./flight-delay-windowed.ts";
import { modelJson } from "./model-json.ts";
import type { GeneratedFiles } from "./write-package.ts";

const sampleCount = 24;
/** As scikit-learn's default: a prior of standard normal weights. */
const l2 = 1;

/** A package that answers one half to everything: served over the past, it makes the examples that the first model learns from. */
export async function untrainedFiles(): Promise<GeneratedFiles> {
  const declared = await windowedFlightDelay();
  const terms = await flightDelayTerms();
  const zeros = new Float64Array(terms.numbers.length);
  return {
    "model.json": modelJson(declared),
    "model.onnx": logisticOnnx({
      features: Object.keys(declared.features),
      terms,
      standards: { means: zeros, deviations: zeros.map(() => 1) },
      weights: { bias: 0, numbers: zeros, table: new Float64Array(layOut(terms).tableSize) },
    }),
  };
}

/**
 * Train the package's model and make its files; equal examples give equal bytes.
 *
 * @param examples - with the package's features as columns, in their order.
 * @param holdoutFromMs - examples of flights from this departure on only measure.
 */
export async function trainedFiles(
  examples: ExampleTable,
  holdoutFromMs: number,
): Promise<{ readonly files: GeneratedFiles; readonly trained: Trained }> {
  const trained = trainLogistic(examples, {
    terms: await flightDelayTerms(),
    holdoutFromMs,
    l2,
    tolerance: 1e-4,
    maxIterations: 300,
  });
  const files = {
    "model.json": modelJson(await windowedFlightDelay()),
    "model.onnx": trained.model,
    "samples.jsonl": await samples(splitByTime(examples, holdoutFromMs).before, trained),
  };
  return { files, trained };
}

/** The least and the most likely to be late, and others from all over the range, with the probability in double precision. */
async function samples(examples: ExampleTable, { predict }: Trained): Promise<string> {
  const airports = await readAirports();
  const ranked = [...predict(examples)]
    .map((probability, row) => ({ probability, row }))
    .sort((a, b) => a.probability - b.probability);
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
