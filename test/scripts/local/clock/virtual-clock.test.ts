import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock, waitUntil } from "../../../../scripts/local/clock/clock.ts";
import { VirtualClock } from "../../../../scripts/local/clock/virtual-clock.ts";

describe("a virtual clock", () => {
  it("runs every timer once, in the order of their times, at its own time, whatever was set or called off", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(50), fc.boolean())), fc.nat(60), async (timers, untilMs) => {
        const clock = new VirtualClock(10);
        const ran: { readonly dueMs: number; readonly atMs: number }[] = [];
        for (const [dueMs, isCalledOff] of timers) {
          const cancel = clock.at(dueMs, () => ran.push({ dueMs, atMs: clock.nowMs() }));
          if (isCalledOff) cancel();
        }
        await clock.advanceTo(untilMs);
        const due = timers.filter(([dueMs, isCalledOff]) => !isCalledOff && dueMs <= untilMs);
        expect(ran.map(({ dueMs }) => dueMs)).toEqual(due.map(([dueMs]) => dueMs).toSorted((a, b) => a - b));
        expect(ran.every(({ dueMs, atMs }) => atMs === Math.max(10, dueMs))).toBe(true);
        expect(clock.nowMs()).toBe(Math.max(10, untilMs));
      }),
    );
  });

  it("waits for what a timer began before it goes on, and finds the timers made meanwhile", async () => {
    const clock = new VirtualClock(0);
    const seen: string[] = [];
    let work: Promise<unknown> = Promise.resolve();
    clock.at(10, () => {
      work = new Promise((resolve) => setTimeout(resolve, 5)).then(() => {
        seen.push(`worked at ${clock.nowMs()}`);
        clock.at(15, () => seen.push(`then at ${clock.nowMs()}`));
      });
    });
    clock.at(20, () => seen.push(`last at ${clock.nowMs()}`));
    expect(clock.nextMs).toBe(10);
    await clock.advanceTo(30, () => work);
    expect(seen).toEqual(["worked at 10", "then at 15", "last at 20"]);
    expect(clock.nextMs).toBeUndefined();
  });
});

describe("waiting until a time", () => {
  it("ends at that time on either clock, or with the reason of its signal", async () => {
    const clock = new VirtualClock(0);
    const { signal } = new AbortController();
    const waited = waitUntil(clock, 5, signal).then(() => clock.nowMs());
    await clock.advanceTo(9);
    expect(await waited).toBeLessThanOrEqual(9);
    await waitUntil(systemClock, Date.now() - 1, signal);

    const stopping = new AbortController();
    const stopped = waitUntil(clock, 100, stopping.signal);
    stopping.abort(new Error("stopped by hand"));
    await expect(stopped).rejects.toThrow("stopped by hand");
    expect(clock.nextMs).toBeUndefined();
    await expect(waitUntil(clock, 100, stopping.signal)).rejects.toThrow("stopped by hand");
  });
});
