import { describe, expect, it } from "vitest";
import { parseSchedule } from "../../../../scripts/local/scheduler/schedule-expression.ts";
import { isTimeZone } from "../../../../scripts/local/scheduler/time-zone.ts";

const noon = Date.UTC(2026, 0, 1, 12);
const origin = { timeZone: "Europe/Berlin", anchorMs: noon };
const next = (text: string, afterMs: number) => parseSchedule(text).next(afterMs, origin);

describe("the next time of a schedule", () => {
  it("of a rate is its anchor, then whole steps from there", () => {
    const stepMs = 5 * 60_000;
    expect(next("rate(5 minutes)", noon - 1)).toBe(noon);
    expect(next("rate(5 minutes)", noon)).toBe(noon + stepMs);
    expect(next("rate(5 minutes)", noon + stepMs - 1)).toBe(noon + stepMs);
    expect(next("rate(1 hour)", noon + 1)).toBe(noon + 3_600_000);
    expect(next("rate(2 days)", noon + 1)).toBe(noon + 2 * 86_400_000);
  });

  it("of a time is that time in its zone, once", () => {
    const atMs = Date.UTC(2026, 5, 1, 7);
    expect(next("at(2026-06-01T09:00:00)", noon)).toBe(atMs);
    expect(next("at(2026-06-01T09:00:00)", atMs)).toBeUndefined();
  });

  it("of a cron expression is in its zone", () => {
    expect(next("cron(0 9 * * ? *)", noon)).toBe(Date.UTC(2026, 0, 2, 8));
  });

  it.each([
    ["rate(0 minutes)", "rate: got"],
    ["rate(5 seconds)", "rate: got"],
    ["at(2026-06-01)", "at: got"],
    ["at(2026-13-01T00:00:00)", "at: got"],
    ["every day", "expected rate(5 minutes)"],
    ["cron(0 9 * *)", "got 4 fields"],
  ])("%s is refused with the reason", (text, message) => {
    expect(() => parseSchedule(text)).toThrow(message);
  });
});

it("knows a time zone from a name that is none", () => {
  expect([isTimeZone("Europe/Berlin"), isTimeZone("Europe/Nowhere")]).toEqual([true, false]);
});
