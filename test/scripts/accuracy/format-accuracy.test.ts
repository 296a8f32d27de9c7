import { describe, expect, it } from "vitest";
import { formatAccuracy } from "../../../scripts/accuracy/format-accuracy.ts";

const digest = "0123456789abcdef".repeat(4);

describe("the table of a model's accuracy", () => {
  it("has a line per span and one for all, and a dash for what cannot be said", () => {
    const figures = {
      kind: "binary",
      ...{ count: 12_345, positives: 900, auc: 0.76543, logLoss: 0.31234, brier: 0.1, ece: 0.01234 },
      ...{ accuracy: 0.9, precision: undefined, recall: 0 },
    } as const;
    const spans = [{ begins: "2001-01-31T06", figures: { ...figures, count: 1, auc: undefined } }];
    expect(formatAccuracy("flights", [{ role: "champion", digest, spans, total: figures }])).toEqual([
      "flights champion 0123456789ab",
      "  events of, UTC  outcomes  yes     AUC  log-loss   Brier     ECE  accuracy  precision  recall",
      "  2001-01-31 06          1  900       –    0.3123  0.1000  0.0123    90.0 %          –   0.0 %",
      "  all               12,345  900  0.7654    0.3123  0.1000  0.0123    90.0 %          –   0.0 %",
    ]);
  });

  it("shows the errors of numbers, and a table per version and role", () => {
    const total = { kind: "number", count: 2, mae: 12.3456789, rmse: 20, bias: -0.001234567 } as const;
    const one = { digest, spans: [], total };
    expect(
      formatAccuracy("delay", [
        { ...one, role: "champion" },
        { ...one, role: "shadow" },
      ]),
    ).toEqual([
      "delay champion 0123456789ab",
      "  events of, UTC  outcomes     MAE  RMSE        bias",
      "  all                    2  12.346    20  -0.0012346",
      "",
      "delay shadow 0123456789ab",
      "  events of, UTC  outcomes     MAE  RMSE        bias",
      "  all                    2  12.346    20  -0.0012346",
    ]);
  });

  it("says so where there is nothing", () => {
    expect(formatAccuracy("m", [])).toEqual(["m: no outcome has been joined with a prediction of that time"]);
  });
});
