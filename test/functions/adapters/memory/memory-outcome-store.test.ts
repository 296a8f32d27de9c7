import { expect, it } from "vitest";
import { MemoryOutcomeStore } from "../../../../functions/adapters/memory/memory-outcome-store.ts";
import { MemoryPredictionStore } from "../../../../functions/adapters/memory/memory-prediction-store.ts";
import { describeOutcomeStore, outcomeWrite, said } from "../contracts/outcome-store.ts";
import { predictionBatch } from "../contracts/prediction-batch.ts";

describeOutcomeStore("MemoryOutcomeStore", async () => {
  const predictions = new MemoryPredictionStore();
  return { predictions, outcomes: new MemoryOutcomeStore(predictions) };
});

it("shows outcomes in the rows of the predictions, in the order in which those were written", async () => {
  const predictions = new MemoryPredictionStore();
  await predictions.put(predictionBatch(2));
  await new MemoryOutcomeStore(predictions).write([outcomeWrite(0)]);
  expect(predictions.rows.map(({ eventId, outcome }) => [eventId, outcome])).toEqual([
    ["event-0", said("e")],
    ["event-1", undefined],
  ]);
});
