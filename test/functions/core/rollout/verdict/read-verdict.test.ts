import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ModelDigest } from "../../../../../functions/contract/ids.ts";
import type { Aliases } from "../../../../../functions/contract/ledger.ts";
import { modelPackage } from "../../../../../functions/contract/model-package.ts";
import { emptySketch } from "../../../../../functions/core/monitor/sketch.ts";
import { encodeSketch } from "../../../../../functions/core/monitor/sketch-codec.ts";
import { sketchPartition, sketchSortKey } from "../../../../../functions/core/monitor/sketch-store.ts";
import { saveAccuracy } from "../../../../../functions/core/outcome/accuracy-store.ts";
import { savePairs } from "../../../../../functions/core/rollout/verdict/pair-store.ts";
import { closedUntil, readVerdict } from "../../../../../functions/core/rollout/verdict/read-verdict.ts";
import { markOf } from "../../../../../functions/core/state/mark.ts";
import { openShardClock, readClocks } from "../../../../../functions/core/state/shard-clock.ts";

const [champion, challenger, shade] = ["a", "b", "c"].map((each) => each.repeat(64)) as [
  ModelDigest,
  ModelDigest,
  ModelDigest,
];
const model = "flights";
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const firstMs = Date.UTC(2001, 0, 1);
const expiresAt = 2_000_000_000;
const aliases: Aliases = { champion: { digest: champion }, challenger: { digest: challenger, share: 0.5 } };

function declare(parts: Record<string, unknown> = {}) {
  return modelPackage.parse({
    ...{ name: model, event: { id: "flight" }, features: { distance: { from: "distance" } } },
    outputs: { probability: { from: "probabilities" } },
    outcome: { on: {}, id: "flight", label: { from: "delay", above: 15 }, within: "1d" },
    segments: { hub: { from: "origin", values: ["ORD"] } },
    rollout: { minOutcomes: 20 },
    ...parts,
  });
}

function stage() {
  const [sketches, tiles] = [new MemoryShardStateStore(), new MemoryShardStateStore()];
  let position = 0;
  return { sketches, tiles, read, compare, pass, serve };

  function read(live: Aliases = aliases, pkg = declare()) {
    return readVerdict({ model, aliases: live, package: pkg, sketches, tiles });
  }

  /** One outcome each day, after which the other had lost so much more than the champion. */
  async function compare(days: number, difference: number, other = challenger, role = "challenger") {
    for (let day = 0; day < days; day++) {
      const noise = [0.01, -0.01, 0.005][day % 3]!;
      const key = {
        hour: new Date(firstMs + day * dayMs).toISOString().slice(0, 13),
        mark: markOf(String(++position), 0),
      };
      const pairs = [undefined, { name: "hub", value: "ORD" }].map((segment) => ({
        ...{ ...key, champion, other, role, segment },
        losses: {
          champion: { loss: 0.2, logLoss: 0.5 },
          other: { loss: 0.2 + difference + noise, logLoss: 0.4 },
        },
      }));
      await savePairs({ store: sketches, model, shard: "s", pairs, expiresAt });
      const scores = [
        { digest: champion, role: "champion", yes: 0.4 },
        { digest: other, role, yes: 0.9 },
      ].flatMap(({ yes, ...version }) =>
        [
          [yes, 1],
          [0.5, 0],
        ].map(([score, label]) => ({
          ...{ ...key, ...version },
          scored: { kind: "binary" as const, score: score!, label: label!, threshold: 0.5 },
        })),
      );
      await saveAccuracy({ store: sketches, model, shard: "s", outcomes: scores, expiresAt });
    }
  }

  /** Let the clock of a shard stand at a time. */
  async function pass(newestMs: number, shard = "s") {
    const none = { clocks: new Map(), model, shard, aheadMs: dayMs, parentsOf: async () => [] };
    const clock = await openShardClock(none);
    const snapshot = { newestMs, arrivalMs: newestMs, ahead: undefined };
    expect(await clock.save(tiles, markOf("1", 0), snapshot, expiresAt)).toBe(true);
  }

  async function serve(
    digest: ModelDigest,
    role: "champion" | "challenger" | "shadow",
    hours: readonly number[][],
  ) {
    const writes = hours.map(([at, rows, failed, runMs]) => {
      const hour = new Date(firstMs + at! * hourMs).toISOString().slice(0, 13);
      const body = encodeSketch({ ...emptySketch, rows: rows!, failed: failed!, runMs: runMs! });
      const sortKey = sketchSortKey({ hour, role, digest }, "s");
      return {
        ...{ partitionKey: sketchPartition(model), sortKey, shard: "s", expected: undefined, expiresAt },
        part: { mark: markOf("1", 0), body },
      };
    });
    expect(await sketches.write(writes)).toEqual([]);
  }
}

describe("the verdict of a model", () => {
  it("is on the outcomes of days that the clocks have passed, with figures of both versions", async () => {
    const flights = stage();
    await flights.compare(31, -0.1);
    await flights.pass(firstMs + 30 * dayMs + 1);
    const [found, ...more] = await flights.read();
    expect(more).toEqual([]);
    expect(found).toMatchObject({ role: "challenger", champion, other: challenger, loss: "Brier score" });
    expect(found!.verdict).toMatchObject({
      ...{ decision: "promote", count: 30, blockCount: 30, openCount: 1, alpha: 0.025 },
      segments: [
        { name: "hub", value: "ORD", count: 30, finding: "better" },
        { name: "hub", value: null, count: 0, finding: "open" },
      ],
      shown: {
        champion: { loss: expect.closeTo(0.2, 9), logLoss: expect.closeTo(0.5, 9), auc: 0 },
        other: { loss: expect.closeTo(0.102, 2), logLoss: expect.closeTo(0.4, 9), auc: 1 },
      },
    });
  });

  it("is on each rival by itself, and on this champion alone", async () => {
    const flights = stage();
    await flights.compare(30, -0.1);
    await flights.compare(30, 0.1, shade, "shadow");
    await flights.pass(firstMs + 40 * dayMs);
    const found = await flights.read({ ...aliases, shadow: { digest: shade, sample: 1 } });
    expect(found.map(({ role, other, verdict }) => [role, other, verdict.decision])).toEqual([
      ["challenger", challenger, "promote"],
      ["shadow", shade, "roll back"],
    ]);
    const swapped = await flights.read({
      champion: { digest: challenger },
      challenger: { digest: champion, share: 0 },
    });
    expect(swapped[0]!.verdict).toMatchObject({ decision: "hold", count: 0, openCount: 0 });
  });

  it("is none without a rival, or without an outcome to compare by", async () => {
    const flights = stage();
    expect(await flights.read({ champion: { digest: champion } })).toEqual([]);
    expect(await flights.read({})).toEqual([]);
    expect(await flights.read(aliases, declare({ outcome: undefined }))).toEqual([]);
  });

  it("is to hold before anything has come", async () => {
    const [found] = await stage().read();
    expect(found!.verdict).toMatchObject({ decision: "hold", count: 0, difference: undefined });
  });

  it("on numbers is on squared errors, without what only probabilities have", async () => {
    const flights = stage();
    const outcome = { on: {}, id: "flight", label: { from: "delay" }, within: "1d" };
    const [found] = await flights.read(aliases, declare({ outcome }));
    expect(found).toMatchObject({
      loss: "squared error",
      verdict: { shown: { other: { logLoss: undefined } } },
    });
  });
});

describe("the guard rails of a model", () => {
  it("are held against whole hours that both have, of the newest day", async () => {
    const flights = stage();
    await flights.pass(firstMs + 40 * hourMs);
    await flights.serve(champion, "champion", [
      ...[[2, 9_999, 0, 1]],
      ...[14, 31, 32, 33, 34, 35, 40].map((at) => [at, 1_000, 1, 100]),
    ]);
    // Live since the middle of hour 32, and in hour 14 before.
    await flights.serve(challenger, "challenger", [
      ...[
        [14, 1, 1, 1],
        [32, 500, 0, 50],
        [33, 900, 40, 180],
        [34, 1_000, 0, 200],
        [35, 1_000, 0, 200],
        [40, 3, 3, 3],
      ],
    ]);
    const [found] = await flights.read();
    expect(found!.verdict).toMatchObject({
      decision: "roll back",
      why: "guard rail broken: errors, rejects",
      guardRails: [
        { name: "latency", got: expect.closeTo(2, 9) },
        { name: "errors", got: 40 / 2_900 },
        { name: "rejects", got: 100 / 3_000 },
      ],
    });
  });

  it("do not count what a shadow was not asked as rejected", async () => {
    const flights = stage();
    await flights.pass(firstMs + 10 * hourMs);
    const hours = [6, 7, 8, 9];
    await flights.serve(
      champion,
      "champion",
      hours.map((at) => [at, 1_000, 0, 100]),
    );
    await flights.serve(
      shade,
      "shadow",
      hours.map((at) => [at, 60, 0, 6]),
    );
    const [found] = await flights.read({
      champion: { digest: champion },
      shadow: { digest: shade, sample: 0.06 },
    });
    expect(found!.verdict.guardRails.map(({ got, isBroken }) => [got, isBroken])).toEqual([
      [expect.closeTo(1, 9), false],
      [0, false],
      [0, false],
    ]);
  });
});

describe("the time up to which all outcomes are there", () => {
  it("is the least of the shards' clocks, but for those that are quiet", async () => {
    const flights = stage();
    const until = async () => closedUntil(await readClocks(flights.tiles, model));
    expect(await until()).toBe(-Infinity);
    await flights.pass(firstMs + 40 * dayMs);
    await flights.pass(firstMs + 39 * dayMs, "slower");
    expect(await until()).toBe(firstMs + 39 * dayMs);
    await flights.pass(firstMs + 39 * dayMs - 1, "quiet");
    expect(await until()).toBe(firstMs + 39 * dayMs);
  });
});
