import { describe, expect, it } from "vitest";
import { defaultTraining } from "../../../../../functions/contract/training.ts";
import { gatesOf } from "../../../../../functions/core/train/evaluate/gates.ts";
import type { HoldoutFigures } from "../../../../../functions/core/train/evaluate/holdout-figures.ts";

const champion: HoldoutFigures = {
  ...{ rows: 1000, loss: 0.5, brier: 0.2, auc: 0.75, calibration: 0.02, chanceDeviation: 0.02 },
  ...{ latencyUs: 10, sizeBytes: 1000 },
};
const rules = { logLoss: 0.125, auc: 0.0625, calibration: 0.05, latencyRatio: 3, sizeBytes: 2000 };

function failed(changes: Partial<HoldoutFigures>, of: Partial<HoldoutFigures> = {}): string[] {
  return gatesOf({ ...champion, ...changes }, { ...champion, ...of }, rules)
    .filter(({ isPassed }) => !isPassed)
    .map(({ name }) => name);
}

describe("gates", () => {
  it("let a version pass that is the champion's equal, by the defaults too", () => {
    expect(failed({})).toEqual([]);
    expect(gatesOf(champion, champion, defaultTraining.gates).every(({ isPassed }) => isPassed)).toBe(true);
  });

  it.each<[string, Partial<HoldoutFigures>, Partial<HoldoutFigures>]>([
    ["logLoss", { loss: 0.625 }, { loss: 0.6251 }],
    ["auc", { auc: 0.6875 }, { auc: 0.6874 }],
    ["calibration", { calibration: 0.05 }, { calibration: 0.0501 }],
    ["latencyRatio", { latencyUs: 30 }, { latencyUs: 30.1 }],
    ["sizeBytes", { sizeBytes: 2000 }, { sizeBytes: 2001 }],
  ])("hold %s to its bound, and no further", (name, at, beyond) => {
    expect(failed(at)).toEqual([]);
    expect(failed(beyond)).toEqual([name]);
  });

  it("refuse what is no number", () => {
    expect(failed({ loss: Number.NaN, auc: Number.NaN, latencyUs: Number.NaN })).toEqual([
      "logLoss",
      "auc",
      "latencyRatio",
    ]);
  });

  it("leave out what a kind of truth has not", () => {
    const none = { auc: undefined, calibration: undefined, chanceDeviation: undefined };
    const names = gatesOf({ ...champion, ...none }, { ...champion, ...none }, rules).map(({ name }) => name);
    expect(names).toEqual(["logLoss", "latencyRatio", "sizeBytes"]);
  });

  it("refuse whatever fits labels of which the champion says the opposite, and no champion that chance put low", () => {
    const better = { loss: 0.1, auc: 0.9, calibration: 0.01 };
    expect(failed(better, { loss: 1.5, auc: 0.25 })).toEqual(["labels"]);
    expect(failed(better, { loss: 0.7, auc: 0.43 })).toEqual([]);
  });
});
