import { describe, expect, it } from "vitest";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { secondsOf } from "../../../functions/contract/duration.ts";
import { isViewFeature } from "../../../functions/contract/feature.ts";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import { sample } from "../../../functions/core/inference/samples.ts";
import { trainedFiles, untrainedFiles } from "../../../scripts/models/flight-delay-package.ts";
import { windowedFlightDelay } from "../../../scripts/models/flight-delay-windowed.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import type { ExampleTable } from "../../../scripts/train/example-table.ts";

const declared = await windowedFlightDelay();
const features = Object.keys(declared.features);

/** Made flights of which those are late whose origin's were. */
function madeExamples(count: number): ExampleTable {
  const random = seededRandom(5);
  const rate = features.indexOf("origin_late_rate_1h");
  const rows = Array.from({ length: count }, (_, i) => {
    const row = features.map((name) => (name.endsWith("arrivals_1h") ? Math.log1p(i % 7) : random.uniform()));
    row.splice(0, 5, i % 24, i % 7, 100 + (i % 900), (i % 232) - 1, i % 231);
    return { row, label: Number(random.uniform() < row[rate]! ** 2) };
  });
  return {
    features,
    count,
    values: Float32Array.from(rows.flatMap(({ row }) => row)),
    labels: Uint8Array.from(rows, ({ label }) => label),
    timesMs: Float64Array.from(rows, (_, i) => Date.UTC(2001, 0, 1) + i * 3_600_000),
  };
}

async function run(model: Uint8Array, values: Float32Array): Promise<Float32Array> {
  const session = await createOrtEngine({ memoryMiB: 1769 }).createSession(model);
  try {
    const shape = [values.length / features.length, features.length];
    const answer = await session.run({ features: { type: "float32", shape, data: values } }, [
      "probabilities",
    ]);
    return answer.probabilities!.data as Float32Array;
  } finally {
    await session.release();
  }
}

describe("the declaration of flight-delay with windows", () => {
  it("is a valid package with 36 windowed features over three views, after the five of the flight itself", () => {
    const { features: all, views } = modelPackage.parse(declared);

    const windowed = Object.values(all).filter(isViewFeature);
    expect([features.slice(0, 5), features.length]).toEqual([
      ["hour", "weekday", "distance", "origin", "destination"],
      41,
    ]);
    expect(Object.keys(views)).toEqual([
      "arrivals_by_origin",
      "arrivals_by_destination",
      "arrivals_by_route",
    ]);
    expect(new Set(windowed.map(({ view, key, agg, over }) => `${view} ${key} ${agg} ${over}`)).size).toBe(
      36,
    );
    expect(new Set(windowed.map(({ over }) => secondsOf(over) / 3_600))).toEqual(new Set([1, 3, 24]));
  });

  it("looks the incoming aircraft up among the arrivals into the origin", () => {
    expect(declared.features).toMatchObject({
      origin_late_rate_3h: { view: "arrivals_by_origin", agg: "rate", over: "3h", default: 0 },
      incoming_mean_delay_3h: { view: "arrivals_by_destination", key: "origin", agg: "mean", over: "3h" },
    });
  });
});

describe("untrainedFiles", () => {
  it("answers one half, whatever the flight", async () => {
    const { "model.onnx": model } = await untrainedFiles();

    const answers = await run(model as Uint8Array, madeExamples(10).values);

    expect([...answers]).toEqual(new Array(20).fill(0.5));
  });
});

describe("trainedFiles", () => {
  it("makes a model of the examples before the holdout, and 24 samples whose probabilities ONNX Runtime gives too", async () => {
    const examples = madeExamples(3_000);

    const { files, training, holdout } = await trainedFiles(examples, examples.timesMs[2_500]!);

    expect([training.count, holdout.count]).toEqual([2_500, 500]);
    expect(holdout.auc).toBeGreaterThan(0.8);
    const lines = (files["samples.jsonl"] as string).trim().split("\n");
    const samples = lines.map((line) => sample.parse(JSON.parse(line)));
    expect(samples).toHaveLength(24);
    const before = examples.values.subarray(0, 2_500 * features.length);
    const given = new Set(
      (await run(files["model.onnx"] as Uint8Array, before)).map((each) => Math.round(each * 1e5)),
    );
    for (const { outputs } of samples) {
      const near = Math.round((outputs.probability as number) * 1e5);
      expect([near - 1, near, near + 1].some((each) => given.has(each))).toBe(true);
    }
    expect(samples.every(({ features: windows }) => Number.isInteger(windows!.route_arrivals_1h))).toBe(true);
  });

  it("gives equal files for equal examples", async () => {
    const made = async () => (await trainedFiles(madeExamples(500), Date.UTC(2001, 0, 15))).files;

    expect(await made()).toEqual(await made());
  });
});
