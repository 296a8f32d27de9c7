import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { accuracySeries } from "../../../../functions/core/outcome/accuracy-series.ts";
import { readAccuracy, saveAccuracy } from "../../../../functions/core/outcome/accuracy-store.ts";
import { markOf } from "../../../../functions/core/state/mark.ts";

/** One outcome per hour given, from alternating shards, each of its own label. */
async function storeOf(hours: readonly (readonly [hour: string, role: string, digest: string])[]) {
  const store = new MemoryShardStateStore();
  for (const [i, [hour, role, digest]] of hours.entries()) {
    await saveAccuracy({
      ...{ store, model: "m", shard: `shard-${i % 2}`, expiresAt: 1 },
      outcomes: [
        {
          ...{ hour, role, digest, mark: markOf(String(i), 0) },
          scored: { kind: "number", score: i, label: 0 },
        },
      ],
    });
  }
  return store;
}

const fromMs = Date.UTC(2001, 0, 31);
const day = { fromMs, toMs: fromMs + 86_399_999 };

describe("accuracy read back", () => {
  it("is merged over shards, and holds the hours asked for, both ends included", async () => {
    const hours = ["2001-01-30T23", "2001-01-31T00", "2001-01-31T00", "2001-01-31T23", "2001-02-01T00"];
    const store = await storeOf(hours.map((hour) => [hour, "champion", "d"]));
    const read = await readAccuracy(store, "m", day);
    expect(read.map(({ hour, partial }) => [hour, partial])).toMatchObject([
      ["2001-01-31T00", { count: 2, errorSum: 3 }],
      ["2001-01-31T23", { count: 1 }],
    ]);
    expect(await readAccuracy(store, "other", day)).toEqual([]);
  });

  it("is gathered per version and role, champions first and the latest of them before others", async () => {
    const store = await storeOf([
      ["2001-01-31T05", "shadow", "c"],
      ["2001-01-31T04", "champion", "a"],
      ["2001-01-31T05", "champion", "b"],
      ["2001-01-31T06", "champion", "b"],
    ]);
    const series = accuracySeries(await readAccuracy(store, "m", day), "hour");
    expect(series.map(({ role, digest }) => [role, digest])).toEqual([
      ["champion", "b"],
      ["champion", "a"],
      ["shadow", "c"],
    ]);
    expect(series[0]).toMatchObject({
      total: { count: 2, mae: 2.5 },
      spans: [
        { begins: "2001-01-31T05", figures: { mae: 2 } },
        { begins: "2001-01-31T06", figures: { mae: 3 } },
      ],
    });
  });

  it("may be gathered by the day", async () => {
    const store = await storeOf([
      ["2001-01-30T04", "champion", "a"],
      ["2001-01-31T05", "champion", "a"],
      ["2001-01-31T06", "champion", "a"],
    ]);
    const stored = await readAccuracy(store, "m", { fromMs: fromMs - 86_400_000, toMs: day.toMs });
    const [series] = accuracySeries(stored, "day");
    expect(series?.spans.map(({ begins, figures }) => [begins, figures.count])).toEqual([
      ["2001-01-30", 1],
      ["2001-01-31", 2],
    ]);
    // What was read is not changed by gathering it.
    expect(accuracySeries(stored, "day")).toEqual([series]);
  });
});
