import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MemorySharedCache } from "../../../../functions/adapters/memory/memory-shared-cache.ts";
import { createSharedCachePolicy } from "../../../../functions/core/cache/shared-cache-policy.ts";
import type { SharedResultCache } from "../../../../functions/core/cache/shared-result-cache.ts";
import {
  type CacheDecision,
  type CacheReport,
  createSharedTier,
  type SharedTierOptions,
} from "../../../../functions/core/cache/shared-tier.ts";

const broken: SharedResultCache = {
  get: async () => ({ found: new Map(), failed: true }),
  set: async () => {
    throw new Error("a cache that has failed is not written to");
  },
};

function tierOf(options: Partial<SharedTierOptions> = {}) {
  const cache = new MemorySharedCache({ ttlSeconds: 60, now: () => 0 });
  const reports: CacheReport[] = [];
  const decisions: CacheDecision[] = [];
  const tier = createSharedTier({
    ...{ model: "m", computedBy: "0.1.0 x64", cache, tolerance: 1e-5 },
    policy: createSharedCachePolicy("always", () => 0),
    random: () => 0.5,
    nowMs: () => 0,
    onReport: (report) => reports.push(report),
    onDecision: (decision) => decisions.push(decision),
    ...options,
  });
  return { tier, cache, reports, decisions };
}

describe("shared tier", () => {
  it("answers what another wrote, and writes what was run", async () => {
    const { tier, cache, reports } = tierOf();
    await (await tier.lookUp(["a", "b"], 1)).settle(new Map([["a", "1"]]));
    const second = tierOf({ cache });
    const { answered } = await second.tier.lookUp(["a", "b"], 1);
    expect(answered).toEqual(new Map([["a", "1"]]));
    expect(reports).toMatchObject([{ lookedUp: 2, hits: 0, failed: false, mismatches: 0 }]);
  });

  it("keeps apart what other models, releases and processors have computed", async () => {
    const { tier, cache } = tierOf();
    await (await tier.lookUp(["a"], 1)).settle(new Map([["a", "1"]]));
    for (const other of [{ model: "n" }, { computedBy: "0.1.0 arm64" }]) {
      expect((await tierOf({ cache, ...other }).tier.lookUp(["a"], 1)).answered.size).toBe(0);
    }
  });

  it("keys by the model and the SHA-256 of everything else", async () => {
    const asked: string[] = [];
    const cache: SharedResultCache = {
      get: async (keys) => {
        asked.push(...keys);
        return { found: new Map(), failed: false };
      },
      set: async () => true,
    };
    await tierOf({ cache }).tier.lookUp(["row"], 1);
    expect(asked).toEqual([`m#${createHash("sha256").update("0.1.0 x64\nrow").digest("base64url")}`]);
  });

  it("has a sample of the hits run, and says how many came out differently; what was run then stands", async () => {
    const { tier, cache } = tierOf();
    const stored = ["same", "close", "far", "unsampled"];
    await (await tier.lookUp(stored, 1)).settle(new Map(stored.map((key) => [key, '{"y":1}'])));
    const draws = [0.001, 0.001, 0.001, 0.002];
    const checking = tierOf({ cache, random: () => draws.shift()! });
    const { answered, settle } = await checking.tier.lookUp(stored, 1);
    expect([...answered.keys()]).toEqual(["unsampled"]);
    await settle(
      new Map([
        ["same", '{"y":1}'],
        ["close", '{"y":1.000001}'],
        ["far", '{"y":2}'],
      ]),
    );
    expect(checking.reports).toMatchObject([{ hits: 4, checked: 3, mismatches: 1 }]);
    const after = await tierOf({ cache }).tier.lookUp(stored, 1);
    expect(stored.map((key) => after.answered.get(key))).toEqual([
      '{"y":1}',
      '{"y":1}',
      '{"y":2}',
      '{"y":1}',
    ]);
  });

  it("does not write to a cache that has just failed, and rests", async () => {
    const { tier, reports, decisions } = tierOf({ cache: broken });
    expect(tier.isWorthwhile(1, 1)).toBe(true);
    const { answered, settle } = await tier.lookUp(["a"], 1);
    await settle(new Map([["a", "1"]]));
    expect([answered.size, reports[0]?.failed, tier.isWorthwhile(1, 1)]).toEqual([0, true, false]);
    expect(decisions.map(({ asks }) => asks)).toEqual([true, false]);
  });

  it("rests as well where it cannot be written to", async () => {
    const cache: SharedResultCache = {
      get: async () => ({ found: new Map(), failed: false }),
      set: async () => false,
    };
    const { tier, reports } = tierOf({ cache });
    await (await tier.lookUp(["a"], 1)).settle(new Map([["a", "1"]]));
    expect([reports[0]?.failed, tier.isWorthwhile(1, 1)]).toEqual([true, false]);
  });
});
