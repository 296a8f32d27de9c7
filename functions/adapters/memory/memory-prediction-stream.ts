import type { PredictionBatch } from "../../core/prediction/prediction-batch.ts";
import type { PredictionStream } from "../../core/prediction/prediction-store.ts";

/** One record as a consumer of the stream sees it. */
export interface StreamedPrediction {
  readonly entity: string;
  readonly body: string;
}

/** The `predictions` stream as a list. */
export class MemoryPredictionStream implements PredictionStream {
  /** Everything put so far, in order; clear it by setting its length to 0. */
  readonly records: StreamedPrediction[] = [];

  async put(batch: PredictionBatch): Promise<readonly number[]> {
    for (let row = 0; row < batch.count; row++) {
      this.records.push({ entity: batch.entities[row]!, body: batch.bodies[row]! });
    }
    return [];
  }
}
