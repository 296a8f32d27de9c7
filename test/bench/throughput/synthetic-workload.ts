import * as z from "zod";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { deliveryCount, deliveryRows, makeDeliveries, type Workload } from "./workload.ts";

const featureNames = Array.from({ length: 30 }, (_, i) => `v${String(i + 1).padStart(2, "0")}`);

/** What the usual handler checks. */
const schema = z.object({
  id: z.string(),
  time: z.iso.datetime(),
  ...Object.fromEntries(featureNames.map((name) => [name, z.number()])),
});

/** A model of 30 numbers on events that name each: standard normal values of four decimals, 450 bytes of JSON. */
export function syntheticWorkload(
  model: Pick<Workload, "name" | "tensor"> & { readonly onnx: Uint8Array; readonly seed: number },
): Workload {
  const { name, tensor, onnx, seed } = model;
  const declaration = {
    name,
    event: { id: "id", time: "time" },
    features: Object.fromEntries(featureNames.map((feature) => [feature, { from: feature }])),
    outputs: {
      score: { from: tensor.name, ...(tensor.width > 1 && { index: tensor.column }) },
      label: { of: "score", threshold: 0.5, names: ["no", "yes"] },
    },
  };
  return {
    name,
    files: new Map([
      ["model.json", Buffer.from(JSON.stringify(declaration))],
      ["model.onnx", onnx],
    ]),
    featureCount: featureNames.length,
    tensor,
    output: "score",
    deliveries: makeDeliveries(makeEvents(seed), parseRow),
    parseRow,
  };
}

function parseRow(json: unknown): Float32Array {
  const event: Readonly<Record<string, unknown>> = schema.parse(json);
  return Float32Array.from(featureNames, (name) => event[name] as number);
}

function makeEvents(seed: number): readonly object[] {
  const random = seededRandom(seed);
  const startMs = Date.UTC(2026, 0, 1);
  return Array.from({ length: deliveryCount * deliveryRows }, (_, i) => ({
    id: `txn-${String(i).padStart(8, "0")}`,
    time: new Date(startMs + i * 137).toISOString(),
    ...Object.fromEntries(featureNames.map((name) => [name, Math.round(random.normal() * 1e4) / 1e4])),
  }));
}
