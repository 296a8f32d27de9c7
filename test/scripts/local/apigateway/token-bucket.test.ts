import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTokenBucket } from "../../../../scripts/local/apigateway/token-bucket.ts";

describe("a token bucket", () => {
  it("lets the burst through at once, and then one request per token", () => {
    let nowMs = 1_000;
    const bucket = createTokenBucket({ ratePerSecond: 2, burst: 3 }, () => nowMs);
    const take = (count: number) => Array.from({ length: count }, () => bucket.take());
    expect(take(4)).toEqual([true, true, true, false]);
    nowMs += 499;
    expect(bucket.take()).toBe(false);
    nowMs += 1;
    expect(take(2)).toEqual([true, false]);
    nowMs += 1_000_000;
    expect(take(4)).toEqual([true, true, true, false]);
  });

  it("fills also when it is asked too often to gain a whole token in between", () => {
    let nowMs = 0;
    const bucket = createTokenBucket({ ratePerSecond: 3, burst: 1 }, () => nowMs);
    let passed = 0;
    for (; nowMs <= 9_999; nowMs += 1) if (bucket.take()) passed += 1;
    // 334 ms apart: the first whole millisecond at which a third of a second is over.
    expect(passed).toBe(Math.ceil(10_000 / 334));
  });

  it("is not moved by a clock that goes back", () => {
    let nowMs = 1_000;
    const bucket = createTokenBucket({ ratePerSecond: 1, burst: 1 }, () => nowMs);
    expect(bucket.take()).toBe(true);
    nowMs = 0;
    expect(bucket.take()).toBe(false);
    nowMs = 1_999;
    expect(bucket.take()).toBe(false);
    nowMs = 2_000;
    expect(bucket.take()).toBe(true);
  });

  it("has a burst of the rate when none is given, and no limit without a rate", () => {
    const count = (throttle: Parameters<typeof createTokenBucket>[0]) => {
      const bucket = createTokenBucket(throttle, () => 0);
      return Array.from({ length: 50 }, () => bucket.take()).filter(Boolean).length;
    };
    expect(count({ ratePerSecond: 4 })).toBe(4);
    expect(count({ ratePerSecond: 0.1 })).toBe(1);
    expect(count({ ratePerSecond: 10, burst: 0 })).toBe(0);
    expect(count({})).toBe(50);
  });

  it("never lets more through in any span than the burst and the rate times the span", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 5 }),
        gaps,
        (rate, burst, waits) => {
          let nowMs = 0;
          const bucket = createTokenBucket({ ratePerSecond: rate, burst }, () => nowMs);
          const passedAt: number[] = [];
          for (const wait of waits) {
            nowMs += wait;
            if (bucket.take()) passedAt.push(nowMs);
          }
          for (const [first, start] of passedAt.entries())
            for (const [last, end] of passedAt.entries())
              if (last >= first)
                expect(last - first + 1).toBeLessThanOrEqual(burst + (rate * (end - start)) / 1000 + 1e-6);
        },
      ),
    );
  });
});
