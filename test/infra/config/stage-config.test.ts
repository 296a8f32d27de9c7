import { describe, expect, test } from "vitest";
import { type StageInput, stageConfig } from "../../../infra/config/stage-config.ts";

function isAccepted(input: Partial<StageInput>): boolean {
  return stageConfig.safeParse({ durable: false, models: { m: {} }, ...input }).success;
}

describe("a stage", () => {
  test("must say whether it is durable", () => {
    expect(stageConfig.safeParse({ models: { m: {} } }).error?.issues[0]?.path).toEqual(["durable"]);
  });

  test.each([
    [23, false],
    [24, true],
    [8760, true],
    [8761, false],
  ])("a stream keeps records for %i h: %s", (retentionHours, accepted) => {
    expect(isAccepted({ events: { retentionHours } })).toBe(accepted);
  });

  test.each([
    [0, false],
    [1, true],
    [10_000, true],
    [10_001, false],
  ])("a stream of %i shards: %s", (shards, accepted) => {
    expect(isAccepted({ predictions: { capacity: { shards } } })).toBe(accepted);
  });

  test.each([
    [1, true],
    [2, false],
    [30, true],
    [3653, true],
    [9999, false],
    [0, false],
  ])("CloudWatch Logs keeps logs for %i days: %s", (logRetentionDays, accepted) => {
    expect(isAccepted({ logRetentionDays })).toBe(accepted);
  });

  test("a longer retention allows older records", () => {
    const models = { m: { eventSource: { maxRecordAgeSeconds: 172_799 } } };
    expect(isAccepted({ models, events: { retentionHours: 48 } })).toBe(true);
    expect(isAccepted({ models })).toBe(false);
  });
});
