import { describe, expect, it } from "vitest";
import { createRequestQuota } from "../../../../scripts/local/apigateway/request-quota.ts";

describe("a request quota", () => {
  // 14 March 2026 is a Saturday; 2024 has a 29 February.
  it.each([
    ["DAY", "2026-03-14T12:00:00.000Z", "2026-03-14T23:59:59.999Z", "2026-03-15T00:00:00.000Z"],
    ["WEEK", "2026-03-08T00:00:00.000Z", "2026-03-14T23:59:59.999Z", "2026-03-15T00:00:00.000Z"],
    ["WEEK", "2025-12-31T10:00:00.000Z", "2026-01-03T23:59:59.999Z", "2026-01-04T00:00:00.000Z"],
    ["MONTH", "2024-02-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "2024-03-01T00:00:00.000Z"],
    ["MONTH", "2025-12-15T00:00:00.000Z", "2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00.000Z"],
  ] as const)("of a %s from %s ends after %s", (period, start, last, next) => {
    let nowMs = Date.parse(start);
    const quota = createRequestQuota({ limit: 2, offset: 0, period }, () => nowMs);
    const take = () => [quota.take(), quota.take(), quota.take()];
    expect(take()).toEqual([true, true, false]);
    nowMs = Date.parse(last);
    expect(quota.take()).toBe(false);
    nowMs = Date.parse(next);
    expect(take()).toEqual([true, true, false]);
  });

  it("counts the offset in the first period only", () => {
    let nowMs = Date.parse("2026-03-14T12:00:00Z");
    const quota = createRequestQuota({ limit: 3, offset: 2, period: "DAY" }, () => nowMs);
    const take = (count: number) => Array.from({ length: count }, () => quota.take());
    expect(take(2)).toEqual([true, false]);
    nowMs += 86_400_000;
    expect(take(4)).toEqual([true, true, true, false]);
  });

  it("does not begin anew when the clock goes back", () => {
    let nowMs = Date.parse("2026-03-14T00:00:00Z");
    const quota = createRequestQuota({ limit: 1, offset: 0, period: "DAY" }, () => nowMs);
    expect(quota.take()).toBe(true);
    nowMs -= 1;
    expect(quota.take()).toBe(false);
  });
});
