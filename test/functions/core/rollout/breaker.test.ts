import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { createBreaker } from "../../../../functions/core/rollout/breaker.ts";

const digest = "a".repeat(64) as ModelDigest;
const other = "b".repeat(64) as ModelDigest;
const good = { rows: 100, failed: 0, durationMs: 30, championMs: 25 };

function setUp() {
  const clock = { nowMs: 1000 };
  return { clock, breaker: createBreaker({ nowMs: () => clock.nowMs, openMs: 500 }) };
}

describe("createBreaker", () => {
  it("lets a version run that answers as fast as the champion", () => {
    const { breaker } = setUp();
    for (let i = 0; i < 50; i++) expect(breaker.record(digest, good)).toBeUndefined();
    expect(breaker.isClosed(digest)).toBe(true);
  });

  it("stops a version at once when a chunk of it fails, and only that one, until the time is over", () => {
    const { breaker, clock } = setUp();
    expect(breaker.record(digest, { ...good, failed: 100 })).toBe("errors");
    expect([breaker.isClosed(digest), breaker.isClosed(other)]).toEqual([false, true]);
    clock.nowMs += 499;
    expect(breaker.isClosed(digest)).toBe(false);
    clock.nowMs += 1;
    expect(breaker.isClosed(digest)).toBe(true);
    // It begins anew: what it did before does not count.
    expect(breaker.record(digest, good)).toBeUndefined();
  });

  it("stops a version at the third failure, row by row, but not for one bad row in a hundred", () => {
    const { breaker } = setUp();
    const one = { ...good, rows: 1, failed: 1 };
    expect([1, 2, 3].map(() => breaker.record(digest, one))).toEqual([undefined, undefined, "errors"]);
    expect(setUp().breaker.record(digest, { ...good, failed: 1 })).toBeUndefined();
  });

  it("stops a version that was good for long and then errs", () => {
    const { breaker } = setUp();
    for (let i = 0; i < 1000; i++) breaker.record(digest, good);
    let chunks = 0;
    while (breaker.record(digest, { ...good, failed: 100 }) === undefined) chunks++;
    expect(chunks).toBeLessThan(2);
  });

  it("stops a version that is slow over some chunks, or stands still in one, but not for what any machine may lose", () => {
    const { breaker } = setUp();
    const slow = { ...good, durationMs: 300 };
    const reasons = Array.from({ length: 5 }, () => breaker.record(digest, slow));
    expect(reasons).toEqual([undefined, undefined, undefined, undefined, "slow"]);
    expect(setUp().breaker.record(digest, { ...good, durationMs: 1200 })).toBe("slow");
    const paused = setUp().breaker;
    for (let i = 0; i < 100; i++) {
      const durationMs = i % 20 === 0 ? 200 : 30;
      expect(paused.record(digest, { ...good, durationMs })).toBeUndefined();
    }
    expect(
      setUp().breaker.record(digest, { rows: 1, failed: 0, durationMs: 19, championMs: 0.1 }),
    ).toBeUndefined();
  });
});
