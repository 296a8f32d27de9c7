import { MemoryLayoutStore } from "../../../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLogger } from "../../../../functions/adapters/memory/memory-logger.ts";
import { MemoryOutcomeStore } from "../../../../functions/adapters/memory/memory-outcome-store.ts";
import { MemoryPredictionStore } from "../../../../functions/adapters/memory/memory-prediction-store.ts";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { modelPackage } from "../../../../functions/contract/model-package.ts";
import type { Prediction } from "../../../../functions/contract/prediction.ts";
import type { Rival } from "../../../../functions/contract/rival.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import { createOutcomeBatch } from "../../../../functions/core/outcome/outcome-batch.ts";
import { compileOutcome } from "../../../../functions/core/outcome/outcome-program.ts";
import type { OutcomeStore } from "../../../../functions/core/outcome/outcome-store.ts";
import { createRowDecoders } from "../../../../functions/core/outcome/row-decoders.ts";
import type { ShardStateStore } from "../../../../functions/core/state/shard-state-store.ts";

export const digest = "d".repeat(64) as ModelDigest;
export const hourMs = 3_600_000;
/** When the events that are predicted on happen. */
export const eventMs = Date.UTC(2001, 0, 31, 6);

export interface PredictParts extends Partial<Prediction> {
  readonly distance?: number;
  /** What another version said of the event. */
  readonly rival?: Rival;
}

/** A model with one feature and a yes or no that counts for a day. */
export function declare(parts: Record<string, unknown> = {}) {
  return modelPackage.parse({
    name: "flights",
    event: { id: "flight" },
    features: { distance: { from: "distance" }, place: { from: "place", shape: [2] } },
    outputs: {
      probability: { from: "probabilities" },
      verdict: { of: "probability", threshold: 0.4, names: ["on time", "late"] },
    },
    outcome: { on: {}, id: "flight", label: { from: "delay", above: 15 }, within: "1d" },
    ...parts,
  });
}

export const layout = {
  schemaVersion: 1,
  inputs: [
    { type: "float32", width: 1 },
    { type: "int16", width: 2 },
  ],
  features: [
    { name: "distance", input: 0, column: 0, width: 1 },
    { name: "place", input: 1, column: 0, width: 2 },
  ],
} as const;

/** The stores of one model, and batches over them. */
export function stage(pkg = declare()) {
  const predictions = new MemoryPredictionStore();
  const outcomes = new MemoryOutcomeStore(predictions);
  const sketches = new MemoryShardStateStore();
  const layouts = new MemoryLayoutStore();
  const logger = new MemoryLogger();
  const decoders = createRowDecoders({ model: pkg.name, layouts, logger });
  decoders.know(digest, { ...layout, inputs: [...layout.inputs], features: [...layout.features] });

  return { predictions, outcomes, sketches, layouts, logger, decoders, predict, batch };

  async function predict(parts: PredictParts = {}) {
    const { distance = 0.5, rival, ...given } = parts;
    const { eventId = "1", role = "champion" } = given;
    // One answer per event, whoever gives it.
    const slot = role === "challenger" ? "champion" : role;
    const prediction: Prediction = {
      predictionId: `${slot} of ${eventId}`,
      model: pkg.name,
      eventTime: new Date(eventMs).toISOString(),
      outputs: { probability: 0.25, verdict: "on time" },
      ...{ digest, role, eventId },
      ...given,
    };
    const row = Buffer.alloc(8);
    row.writeFloatLE(distance, 0);
    row.writeInt16LE(-3, 4);
    row.writeInt16LE(7, 6);
    await predictions.put({
      ...{ count: 1, model: pkg.name, role: slot, eventIds: [eventId], entities: [eventId] },
      predictionIds: [prediction.predictionId],
      bodies: [JSON.stringify(prediction)],
      features: [slot === "shadow" ? new Uint8Array(0) : row],
      ...(rival && { rivals: [JSON.stringify(rival)] }),
      expiresAt: [2_000_000_000],
    });
    return prediction;
  }

  function batch({
    shard = "shard-0",
    ...stores
  }: {
    shard?: string;
    outcomes?: OutcomeStore;
    sketches?: ShardStateStore;
  } = {}) {
    const program = compileOutcome(pkg, createFieldIndex())!;
    return createOutcomeBatch({
      ...{ package: pkg, program, shard, outcomes, sketches, decoders, logger },
      ...stores,
    });
  }
}
