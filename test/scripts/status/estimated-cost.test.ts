import { describe, expect, it } from "vitest";
import { estimateCost, type SharedUsage } from "../../../scripts/status/estimated-cost.ts";

const nothingShared: SharedUsage = {
  dynamoReadUnits: 0,
  dynamoWriteUnits: 0,
  kinesisBytes: 0,
  predictions: 1,
};
const stateless = { stateReadUnits: 0, stateWriteUnits: 0 };
const fn = { durationMs: 0, invocations: 0, memoryMiB: 1024, architecture: "arm64" } as const;

describe("the estimated cost per thousand predictions", () => {
  it("counts a function's time by its memory and each call, as Lambda's price list does", () => {
    // 1,000 s of 2 GiB on arm64: 2,000 GiB s × 0.0000133334 USD = 0.0266668 USD; 10,000 calls × 0.2 USD / million = 0.002 USD.
    const used = { ...fn, durationMs: 1_000_000, memoryMiB: 2048, invocations: 10_000 };
    const cost = estimateCost(
      { ...stateless, functions: [used], requests: 0, predictions: 1_000_000 },
      nothingShared,
    );
    expect(cost).toBeCloseTo(0.0286668 / 1_000, 12);
  });

  it("adds both functions, and what the gateway asks for each call", () => {
    const one = { ...fn, invocations: 1_000_000 };
    const cost = estimateCost(
      { ...stateless, functions: [one, one], requests: 1_000_000, predictions: 1_000_000 },
      nothingShared,
    );
    // 0.2 + 0.2 + 3.5 USD for a million predictions.
    expect(cost).toBeCloseTo(0.0039, 12);
  });

  it("adds what the model's tiles and sketches were charged for", () => {
    const state = { stateReadUnits: 4_000_000, stateWriteUnits: 2_000_000 };
    // 4 × 0.125 + 2 × 0.625 USD for a million predictions.
    expect(
      estimateCost({ ...state, functions: [], requests: 0, predictions: 1_000_000 }, nothingShared),
    ).toBeCloseTo(0.00175, 12);
  });

  it("divides what models share by the predictions of all of them", () => {
    const shared = {
      dynamoReadUnits: 1_000_000,
      dynamoWriteUnits: 2_000_000,
      kinesisBytes: 10e9,
      predictions: 4_000_000,
    };
    // 0.125 + 2 × 0.625 + 10 GB × 0.12 USD = 2.575 USD for four million.
    expect(estimateCost({ ...stateless, functions: [], requests: 0, predictions: 10 }, shared)).toBeCloseTo(
      2.575 / 4_000,
      12,
    );
  });

  it("says nothing without predictions", () => {
    expect(
      estimateCost({ ...stateless, functions: [fn], requests: 5, predictions: 0 }, nothingShared),
    ).toBeNull();
  });
});
