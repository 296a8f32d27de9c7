import { describe, expect, it } from "vitest";
import type { PredictionStream } from "../../../../functions/core/prediction/prediction-store.ts";
import { predictionBatch } from "./prediction-batch.ts";

export interface PredictionStreamUnderTest {
  readonly stream: PredictionStream;
  /** Every record on the stream, in any order. */
  records(): Promise<readonly { readonly key: string; readonly body: string }[]>;
}

/** What every `PredictionStream` does. @param make - an empty one, for one test. */
export function describePredictionStream(name: string, make: () => Promise<PredictionStreamUnderTest>): void {
  describe(`${name} as a prediction stream`, () => {
    it("puts nothing of an empty batch", async () => {
      const { stream, records } = await make();
      expect(await stream.put(predictionBatch(0))).toEqual([]);
      expect(await records()).toEqual([]);
    });

    it("puts every body once, under its entity", async () => {
      const { stream, records } = await make();
      const batch = predictionBatch(1_201);
      expect(await stream.put(batch)).toEqual([]);
      expect((await records()).map(({ key, body }) => `${key} ${body}`).sort()).toEqual(
        batch.bodies.map((body, row) => `entity-${row % 7} ${body}`).sort(),
      );
    });

    it("puts text of any script as it is", async () => {
      const { stream, records } = await make();
      await stream.put(predictionBatch(1, { bodies: ['{"label":"遅れ ✈ é"}'] }));
      expect((await records()).map((record) => record.body)).toEqual(['{"label":"遅れ ✈ é"}']);
    });
  });
}
