import type { InferenceEngine } from "../../../functions/core/inference/model-session.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import type { CacheWorkload } from "./workload.ts";

/** What an encoder's row costs; the real ones take twice to ten times as long, and gain more. */
const rowCostMs = 0.3;
const chunkRows = 32;
const chunkCount = 16;

/** A model of one number that it doubles, keeping the processor busy for as long as an encoder would. */
export function slowModel(): CacheWorkload {
  const random = seededRandom(5);
  const declaration = {
    name: "slow",
    features: { x: { from: "x" } },
    outputs: { y: { from: "y" } },
    limits: { chunkRows },
  };
  return {
    name: "encoder-like",
    files: new Map([
      ["model.json", Buffer.from(JSON.stringify(declaration))],
      ["model.onnx", Buffer.from("")],
    ]),
    engine,
    isDear: true,
    chunks: Array.from({ length: chunkCount }, () =>
      Float32Array.from({ length: chunkRows }, () => random.normal()),
    ),
  };
}

const engine: InferenceEngine = {
  warm: () => undefined,
  createSession: async () => ({
    inputs: [{ name: "x", type: "float32", shape: [null, 1] }],
    outputs: [{ name: "y", type: "float32", shape: [null, 1] }],
    async run({ x }) {
      const rows = x!.data as Float32Array;
      const untilMs = performance.now() + rows.length * rowCostMs;
      while (performance.now() < untilMs);
      return { y: { type: "float32" as const, shape: [rows.length, 1], data: rows.map((row) => 2 * row) } };
    },
    release: async () => undefined,
  }),
};
