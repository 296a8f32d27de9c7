import { MemoryPredictionStream } from "../../../../functions/adapters/memory/memory-prediction-stream.ts";
import { describePredictionStream } from "../contracts/prediction-stream.ts";

describePredictionStream("MemoryPredictionStream", async () => {
  const stream = new MemoryPredictionStream();
  return { stream, records: async () => stream.records.map(({ entity, body }) => ({ key: entity, body })) };
});
