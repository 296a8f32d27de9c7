import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { describe, expect, test } from "vitest";
import { type CostTerm, costPerThousand } from "../../../infra/constructs/cost-per-thousand.ts";

const metric = (metricName: string) => new Metric({ namespace: "Test", metricName });
const term = (name: string, perMillion: number): CostTerm => ({ units: metric(name), perMillion });

/** Two models; this one costs 13.3334 / 1000 USD per million ms of one GiB, and 0.2 per million calls. */
const cost = costPerThousand({
  own: [term("ms", 0.0133334), term("calls", 0.2)],
  shared: [term("bytes", 0.00012)],
  predictions: metric("mine"),
  allPredictions: [metric("mine"), metric("others")],
});

/** Evaluate the expression as CloudWatch would, over sums by metric name. */
function evaluate(sums: Record<string, number>): number | undefined {
  const names = Object.keys(cost.usingMetrics);
  const values = names.map((name) => sums[(cost.usingMetrics[name] as Metric).metricName]);
  const fill = (value: number | undefined, otherwise: number) => value ?? otherwise;
  const choose = (condition: boolean, value: number) => (condition ? value : undefined);
  return new Function("FILL", "IF", ...names, `return ${cost.expression};`)(fill, choose, ...values);
}

describe("the estimated cost", () => {
  test("is what a thousand predictions cost, the shared part by share", () => {
    // Own: 60,000 ms at 1 GiB are 60 GiB-s, 0.000800004 USD, and 100 calls 0.00002: 0.000820004 USD for 2,000 predictions.
    // Shared: 1,000,000 bytes are 0.00012 USD for 8,000 predictions.
    const sums = { ms: 60_000, calls: 100, bytes: 1_000_000, mine: 2000, others: 6000 };
    expect(evaluate(sums)).toBeCloseTo((0.000820004 / 2000 + 0.00012 / 8000) * 1000, 12);
  });

  test("takes what has no data for nothing", () => {
    expect(evaluate({ ms: 60_000, mine: 2000 })).toBeCloseTo((0.000800004 / 2000) * 1000, 12);
  });

  test("is not there where there were no predictions", () => {
    expect(evaluate({ ms: 60_000, others: 10 })).toBeUndefined();
    expect(evaluate({})).toBeUndefined();
  });

  test("is written without exponents, which metric math does not know", () => {
    expect(cost.expression).not.toMatch(/\de[-+]?\d/);
    expect(cost.expression).toContain("0.00012");
  });
});
