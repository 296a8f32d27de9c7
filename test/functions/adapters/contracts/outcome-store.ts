import { describe, expect, it } from "vitest";
import type {
  OutcomeStore,
  OutcomeWrite,
  StandingOutcome,
  StoredPrediction,
} from "../../../../functions/core/outcome/outcome-store.ts";
import type { PredictionStore } from "../../../../functions/core/prediction/prediction-store.ts";
import { predictionBatch } from "./prediction-batch.ts";

export interface OutcomeStoreUnderTest {
  readonly outcomes: OutcomeStore;
  /** Where the predictions are put that it finds. */
  readonly predictions: PredictionStore;
}

/** What every `OutcomeStore` does. @param make - an empty one, for one test. */
export function describeOutcomeStore(name: string, make: () => Promise<OutcomeStoreUnderTest>): void {
  describe(`${name} as an outcome store`, () => {
    it("finds nothing where nothing was stored, and takes no ids and no writes", async () => {
      const { outcomes } = await make();
      expect(await outcomes.find("m", [])).toEqual([]);
      expect(await outcomes.find("m", ["event-0", "event-1"])).toEqual([[], []]);
      expect(await outcomes.write([])).toEqual([]);
    });

    it("finds predictions as they were stored, in the order asked for", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(60));
      const rows = Array.from({ length: 60 }, (_, i) => 59 - i);
      expect(await find(outcomes, [...rows.map((row) => `event-${row}`), "none", "event-3"])).toEqual([
        ...rows.map((row) => [stored(row)]),
        [],
        [stored(3)],
      ]);
    });

    it("finds every role's prediction of an event, and every one where an id was used again", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(1, { role: "shadow" }));
      await predictions.put(predictionBatch(1, { predictionIds: ["prediction-9"] }));
      await predictions.put(predictionBatch(1));
      const [found] = await find(outcomes, ["event-0"]);
      expect(found!.map(({ role, predictionId }) => [role, predictionId])).toEqual([
        ["champion", "prediction-0"],
        ["champion", "prediction-9"],
        ["shadow", "prediction-0"],
      ]);
    });

    it("finds what another version said with the answer it was said beside, in one item", async () => {
      const { outcomes, predictions } = await make();
      const rivals = [undefined, '{"digest":"é"}', undefined];
      await predictions.put(predictionBatch(3, { rivals }));
      expect(await outcomes.write([outcomeWrite(1)])).toEqual(["written"]);
      const again = ['{"digest":"other"}', undefined, '{"digest":"other"}'];
      await predictions.put(predictionBatch(3, { rivals: again }));
      const found = await find(outcomes, ["event-0", "event-1", "event-2"]);
      expect(found.map(([each]) => each!.rival)).toEqual(rivals);
    });

    it("keeps models apart, and events whose ids begin alike", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(1, { model: "m-2" }));
      await predictions.put(predictionBatch(1, { eventIds: ["event-0#1"] }));
      expect(await find(outcomes, ["event-0", "event"])).toEqual([[], []]);
    });

    it("writes an outcome, which is found with its prediction, and leaves the rest of it as it was", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(2));
      expect(await outcomes.write([outcomeWrite(1)])).toEqual(["written"]);
      expect(await find(outcomes, ["event-0", "event-1"])).toEqual([
        [stored(0)],
        [{ ...stored(1), outcome: said("e") }],
      ]);
      const again = await predictions.put(predictionBatch(2));
      expect(again.existing.get(1)).toBe(stored(1).body);
      expect((await find(outcomes, ["event-1"]))[0]![0]!.outcome).toEqual(said("e"));
    });

    it.each(['"on time, 遅れ"', "-12.5", "true", "null", '{"a":[1]}'])(
      "keeps the label %s",
      async (label) => {
        const { outcomes, predictions } = await make();
        await predictions.put(predictionBatch(1));
        const outcome = { by: "e", label, timeMs: -1 };
        expect(await outcomes.write([outcomeWrite(0, { outcome })])).toEqual(["written"]);
        expect((await find(outcomes, ["event-0"]))[0]![0]!.outcome).toEqual(outcome);
      },
    );

    it("lets the first outcome stand, and says which that is", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(1));
      await outcomes.write([outcomeWrite(0, { outcome: said("first", "1") })]);
      for (const outcome of [said("second", "1"), said("third", "0")])
        expect(await outcomes.write([outcomeWrite(0, { outcome })])).toEqual([said("first", "1")]);
      expect((await find(outcomes, ["event-0"]))[0]![0]!.outcome).toEqual(said("first", "1"));
    });

    it("takes an outcome for written that the same event wrote before", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(1));
      await outcomes.write([outcomeWrite(0)]);
      expect(await outcomes.write([outcomeWrite(0)])).toEqual(["written"]);
    });

    it("writes the first in the list of several for one prediction, wherever they stand", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(40));
      const rounds = ["first", "second", "first"].flatMap((by) =>
        Array.from({ length: 40 }, (_, row) => outcomeWrite(row, { outcome: said(by) })),
      );
      const results = await outcomes.write(rounds);
      expect(results.slice(0, 40)).toEqual(Array(40).fill("written"));
      expect(results.slice(40, 80)).toEqual(Array(40).fill(said("first")));
      expect(results.slice(80)).toEqual(Array(40).fill("written"));
    });

    it("lets one of several writers through, and all learn which", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(1));
      const names = ["a", "b", "c", "d"];
      const results = await Promise.all(
        names.map((by) => outcomes.write([outcomeWrite(0, { outcome: said(by) })])),
      );
      const winner = names[results.findIndex(([result]) => result === "written")]!;
      expect(results.flat().filter((result) => result === "written")).toHaveLength(1);
      expect(results.flat().filter((result) => result !== "written")).toEqual(Array(3).fill(said(winner)));
    });

    it("fails an outcome whose prediction is not there, makes none of it, and writes the others", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(2));
      const writes = [
        outcomeWrite(0),
        outcomeWrite(7),
        outcomeWrite(0, { role: "shadow" }),
        outcomeWrite(0, { model: "m-2" }),
        outcomeWrite(1),
      ];
      expect(await outcomes.write(writes)).toEqual(["written", "failed", "failed", "failed", "written"]);
      const found = await find(outcomes, ["event-7", "event-0"]);
      expect(found.map((each) => each.length)).toEqual([0, 1]);
    });

    it("joins each role's prediction by itself", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(1));
      await predictions.put(predictionBatch(1, { role: "shadow" }));
      await outcomes.write([outcomeWrite(0, { role: "shadow" })]);
      const [found] = await find(outcomes, ["event-0"]);
      expect(found!.map(({ role, outcome }) => [role, outcome])).toEqual([
        ["champion", undefined],
        ["shadow", said("e")],
      ]);
    });

    it("takes ids of any length and script", async () => {
      const { outcomes, predictions } = await make();
      const eventIds = ["é".repeat(5_000), `${"é".repeat(4_999)}e`, "飛行機#1"];
      const predictionIds = ["p".repeat(2_000), "a#b", "予"];
      await predictions.put(predictionBatch(3, { eventIds, predictionIds }));
      const found = await find(outcomes, eventIds);
      expect(found.map((each) => each[0]!.eventId)).toEqual(eventIds);
      expect(found.map((each) => each[0]!.predictionId).slice(1)).toEqual(predictionIds.slice(1));
      const writes = found.map(([each]) => ({ ...outcomeWrite(0), ...each, outcome: said("e") }));
      expect(await outcomes.write(writes)).toEqual(Array(3).fill("written"));
      const joined = await find(outcomes, eventIds);
      expect(joined.map((each) => each[0]!.outcome)).toEqual(Array(3).fill(said("e")));
    });

    it("does not share its bytes with readers", async () => {
      const { outcomes, predictions } = await make();
      await predictions.put(predictionBatch(1));
      (await find(outcomes, ["event-0"]))[0]![0]!.features.fill(9);
      expect(await find(outcomes, ["event-0"])).toEqual([[stored(0)]]);
    });
  });
}

export const said = (by: string, label = "1"): StandingOutcome => ({ by, label, timeMs: 981_000_000_123 });

/** The outcome of row `row` of `predictionBatch`, unless it is said otherwise. */
export function outcomeWrite(row: number, overrides: Partial<OutcomeWrite> = {}): OutcomeWrite {
  return {
    model: "m",
    eventId: `event-${row}`,
    role: "champion",
    predictionId: `prediction-${row}`,
    outcome: said("e"),
    ...overrides,
  };
}

/** Row `row` of `predictionBatch`, as it is found. */
export function stored(row: number): StoredPrediction {
  return {
    eventId: `event-${row}`,
    role: "champion",
    predictionId: `prediction-${row}`,
    body: `{"predictionId":"prediction-${row}","outputs":{"p":${row}}}`,
    features: Uint8Array.of(row, 0, 255),
    rival: undefined,
    outcome: undefined,
  };
}

/** Of model `m`; none of it may fail. */
async function find(outcomes: OutcomeStore, eventIds: readonly string[]) {
  const found = await outcomes.find("m", eventIds);
  return found.map((each) => {
    if (each === "failed") expect.fail("could not be read");
    return each;
  });
}
