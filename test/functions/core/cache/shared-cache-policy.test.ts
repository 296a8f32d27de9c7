import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createSharedCachePolicy,
  type SharedCacheMode,
} from "../../../../functions/core/cache/shared-cache-policy.ts";

function policyOf(mode: SharedCacheMode) {
  let nowMs = 0;
  const policy = createSharedCachePolicy(mode, () => nowMs);
  return {
    policy,
    advance(ms: number) {
      nowMs += ms;
    },
  };
}

interface Chunk {
  readonly rowCount: number;
  readonly rowCostMs: number;
  readonly lookupMs: number;
  readonly hitRatio: number;
  readonly failed?: boolean;
}

/** Work through chunks as a predictor would. @returns times in a clock of its own, with and without the cache. */
function simulate(chunks: readonly Chunk[]) {
  const { policy, advance } = policyOf("auto");
  let [withMs, withoutMs, lookups, dearestMs] = [0, 0, 0, 0];
  chunks.forEach(({ rowCount, rowCostMs, lookupMs, hitRatio, failed = false }, i) => {
    withoutMs += rowCount * rowCostMs;
    const asks = policy.isWorthwhile(i === 0 ? undefined : rowCostMs, rowCount);
    const hits = asks ? Math.floor(rowCount * hitRatio) : 0;
    const tookMs = (rowCount - hits) * rowCostMs + (asks ? lookupMs : 0);
    withMs += tookMs;
    advance(tookMs);
    if (!asks) return;
    lookups++;
    dearestMs = Math.max(dearestMs, lookupMs);
    policy.record({ keyCount: rowCount, hits, rowCostMs, durationMs: lookupMs, failed });
  });
  return { withMs, withoutMs, lookups, dearestMs };
}

const chunk = fc.record({
  rowCount: fc.integer({ min: 1, max: 1_024 }),
  rowCostMs: fc.double({ min: 0.001, max: 5, noNaN: true }),
  lookupMs: fc.double({ min: 0.1, max: 400, noNaN: true }),
  hitRatio: fc.double({ min: 0, max: 1, noNaN: true }),
  failed: fc.boolean(),
});

describe("shared cache policy", () => {
  it("costs at most a fiftieth of the work and one lookup, whatever lookups cost and bring", () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 200 }), (chunks) => {
        const { withMs, withoutMs, dearestMs } = simulate(chunks);
        expect(withMs).toBeLessThanOrEqual(withoutMs * 1.02 + dearestMs + 1e-6);
      }),
    );
  });

  it("asks every time once rows cost more than finding them", () => {
    const chunks = Array.from({ length: 100 }, () => ({
      ...{ rowCount: 32, rowCostMs: 0.7, lookupMs: 5, hitRatio: 0.5 },
    }));
    expect(simulate(chunks).lookups).toBe(99);
  });

  it("asks seldom where hits are too few, and every time soon after they have come", () => {
    const one = { rowCount: 32, rowCostMs: 0.7, lookupMs: 5 };
    const rare = Array.from({ length: 1_000 }, () => ({ ...one, hitRatio: 0 }));
    expect(simulate(rare).lookups).toBeLessThan(100);
    expect(simulate(rare).lookups).toBeGreaterThan(50);
    const many = Array.from({ length: 100 }, () => ({ ...one, hitRatio: 0.9 }));
    expect(simulate([...rare, ...many]).lookups - simulate(rare).lookups).toBeGreaterThan(85);
  });

  it("notices within forty lookups that hits have ceased", () => {
    const one = { rowCount: 32, rowCostMs: 0.7, lookupMs: 5 };
    const many = Array.from({ length: 1_000 }, () => ({ ...one, hitRatio: 1 }));
    const none = Array.from({ length: 100 }, () => ({ ...one, hitRatio: 0 }));
    expect(simulate([...many, ...none]).lookups - simulate(many).lookups).toBeLessThan(60);
  });

  it("never asks for rows that cost less than a request, nor before one was timed", () => {
    const { policy } = policyOf("auto");
    expect(policy.isWorthwhile(undefined, 1_024)).toBe(false);
    expect(policy.isWorthwhile(0.019, 1_024)).toBe(false);
    expect(policy.isWorthwhile(0.02, 1_024)).toBe(true);
  });

  it("always asks, or never, where told so", () => {
    const [always, never] = [policyOf("always").policy, policyOf("never").policy];
    always.record({ keyCount: 1, hits: 0, rowCostMs: 0.001, durationMs: 400, failed: false });
    expect([always.isWorthwhile(undefined, 1), never.isWorthwhile(100, 1)]).toEqual([true, false]);
  });

  it.each<SharedCacheMode>(["auto", "always"])(
    "on %s rests after a failure, twice as long after each, at most a minute, until it works again",
    (mode) => {
      const { policy, advance } = policyOf(mode);
      const restMs = () => {
        for (let ms = 0; ; ms += 500) {
          if (policy.isWorthwhile(100, 100)) return ms;
          advance(500);
        }
      };
      const fail = (failed: boolean) =>
        policy.record({ keyCount: 1, hits: 0, rowCostMs: 100, durationMs: 1, failed });
      const rests = Array.from({ length: 8 }, () => {
        fail(true);
        return restMs();
      });
      expect(rests).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
      fail(false);
      expect(restMs()).toBe(0);
      fail(true);
      expect(restMs()).toBe(1_000);
    },
  );

  it("knows the mean cost of a key", () => {
    const { policy } = policyOf("always");
    expect(policy.keyCostMs).toBeUndefined();
    const record = (durationMs: number) =>
      policy.record({ keyCount: 10, hits: 0, rowCostMs: 1, durationMs, failed: false });
    record(10);
    expect(policy.keyCostMs).toBe(1);
    record(20);
    expect(policy.keyCostMs).toBeCloseTo(1.2);
  });
});
