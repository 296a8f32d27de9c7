import { parseModel } from "../../functions/core/train/onnx/parse-model.ts";
import { embeddingModel } from "../onnx/example-models.ts";
import { type Random, seededRandom } from "../onnx/random.ts";
import { modelJson } from "./model-json.ts";
import { exampleFolder, type GeneratedFiles, writeWhenStarted } from "./write-package.ts";

const sensors = 4;
const bands = 8;
const states = ["idle", "running", "worn"];
const sampleCount = 12;

/**
 * Make models/sensor-state whole.
 *
 * To run: `node scripts/models/sensor-state.ts`
 */
export async function sensorStateFiles(): Promise<GeneratedFiles> {
  const model = embeddingModel({ seed: 7 });
  return {
    "model.json": modelJson({
      name: "sensor-state",
      event: { id: "reading", time: "takenAt", entity: "machine" },
      features: { embedding: { from: "embedding", shape: [sensors, bands], min: -10, max: 10 } },
      outputs: {
        state: { of: "scores", names: states },
        scores: { from: "scores" },
        worn: { from: "scores", index: states.indexOf("worn") },
      },
      samplesTolerance: 1e-6,
    }),
    "model.onnx": model,
    "samples.jsonl": samples(model),
  };
}

/** Made readings, every other one nested, the rest flat, with the outputs by hand: what the runtime is held against. */
function samples(model: Uint8Array): string {
  const random = seededRandom(11);
  const lines = Array.from({ length: sampleCount }, (_, i) => {
    const embedding = Array.from({ length: sensors * bands }, () => rounded(random));
    const rows = Array.from({ length: sensors }, (_, sensor) =>
      embedding.slice(sensor * bands, (sensor + 1) * bands),
    );
    const scores = classify(model, embedding);
    const event = {
      reading: `r-${String(i + 1).padStart(4, "0")}`,
      machine: `press-${1 + (i % 3)}`,
      takenAt: new Date(Date.UTC(2001, 0, 31, 6, i)).toISOString(),
      embedding: i % 2 === 0 ? rows : embedding,
    };
    const outputs = {
      state: states[scores.indexOf(Math.max(...scores))],
      scores,
      worn: scores[states.indexOf("worn")],
    };
    return `${JSON.stringify({ event, outputs })}\n`;
  });
  return lines.join("");
}

function rounded(random: Random): number {
  return Math.round(random.normal() * 1e4) / 1e4;
}

/** softmax(x · weights + bias) in float64, from the numbers that stand in the model file. */
function classify(model: Uint8Array, x: readonly number[]): number[] {
  const weights = constant(model, "weights");
  const logits = [...constant(model, "bias")].map((bias, j) =>
    x.reduce((sum, value, i) => sum + value * weights[i * states.length + j]!, bias),
  );
  const greatest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.exp(logit - greatest));
  const total = exponentials.reduce((sum, each) => sum + each, 0);
  return exponentials.map((each) => each / total);
}

function constant(model: Uint8Array, name: string): Float32Array {
  const { rawData } = parseModel(model).graph.initializer.find((each) => each.name === name)!;
  return new Float32Array(rawData.slice().buffer);
}

await writeWhenStarted(import.meta.url, exampleFolder("sensor-state"), sensorStateFiles);
