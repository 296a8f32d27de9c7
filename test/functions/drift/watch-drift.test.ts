import { describe, expect, it } from "vitest";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../functions/adapters/memory/memory-metrics.ts";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import type { Reference } from "../../../functions/contract/reference.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import { causeText } from "../../../functions/core/monitor/drift/drift-report.ts";
import { readDrift } from "../../../functions/core/monitor/drift/drift-store.ts";
import { histogramOf, keyOf } from "../../../functions/core/monitor/histogram.ts";
import type { Sketch } from "../../../functions/core/monitor/sketch.ts";
import { encodeSketch } from "../../../functions/core/monitor/sketch-codec.ts";
import { sketchHour, sketchPartition, sketchSortKey } from "../../../functions/core/monitor/sketch-store.ts";
import { saveAccuracy } from "../../../functions/core/outcome/accuracy-store.ts";
import { openShardClock, readClocks } from "../../../functions/core/state/shard-clock.ts";
import type { DriftDeps } from "../../../functions/drift/deps.ts";
import { watchDrift } from "../../../functions/drift/watch-drift.ts";
import { createWatchedVersions } from "../../../functions/drift/watched-versions.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const beginsMs = Date.UTC(2001, 0, 10);
const digest = "a".repeat(64) as ModelDigest;
const model = "m";

const declaration = modelPackage.parse({
  name: model,
  event: { id: "id" },
  features: {
    distance: { from: "distance" },
    country: { from: "country", as: { index: ["at", "ch"], unknown: -1 } },
  },
  outputs: { probability: { from: "p", index: 0 } },
  outcome: { on: { type: "paid" }, id: "id", label: { from: "late", is: true }, within: "30d" },
  drift: { minSamples: 200 },
});

/** What one hour held: `count` rows, of which half went a distance and half twice as far. */
function hourOf(count: number, distance = 100): Sketch {
  return {
    ...{ rows: count, failed: 0, runMs: 1 },
    features: [
      {
        kind: "number",
        histogram: histogramOf([
          [keyOf(distance), count / 2],
          [keyOf(2 * distance), count / 2],
        ]),
        ...{ missing: 0, invalid: 0 },
      },
      { kind: "category", histogram: histogramOf([[0, count]]), missing: 0, invalid: 0 },
    ],
    scores: [histogramOf([[keyOf(0.25), count]])],
  };
}

function referenceOf(sketch: Sketch): Reference {
  const instant = new Date(0).toISOString();
  const text = Buffer.from(encodeSketch(sketch)).toString("base64");
  return { version: 1, rows: sketch.rows, from: instant, to: instant, sketch: text, windows: [] };
}

async function setUp(reference: Reference | "none" = referenceOf(hourOf(1000))) {
  const ledger = new MemoryLedger();
  const [tiles, sketches] = [new MemoryShardStateStore(), new MemoryShardStateStore()];
  const metrics = new MemoryMetrics();
  const logger = new MemoryLogger();
  const slept: number[] = [];
  const deps: DriftDeps = {
    ...{ models: [model], ledger, tiles, sketches, metrics, logger },
    declarations: { read: async () => declaration },
    references: {
      read: async () =>
        reference === "none" ? undefined : new TextEncoder().encode(JSON.stringify(reference)),
    },
    now: () => beginsMs + 400 * dayMs,
    sleep: async (durationMs) => void slept.push(durationMs),
  };
  const versions = createWatchedVersions(deps);
  return {
    ...{ deps, logger, ledger, slept },
    stored: () =>
      sketches.items
        .flatMap(({ sortKey, parts }) =>
          [...parts.values()].map(
            ({ mark, body }) => `${sortKey} ${mark} ${Buffer.from(body).toString("hex")}`,
          ),
        )
        .join(),
    emitted: (name: string) =>
      metrics.recorded.flatMap((each) =>
        each.name === name && each.dimensions.Model === model ? [each.value] : [],
      ),
    run: (remainingMs = 100_000) => watchDrift(deps, { versions, remainingMs: () => remainingMs }),
    reports: () =>
      readDrift(sketches, model, { fromMs: beginsMs - 100 * dayMs, toMs: beginsMs + 100 * dayMs }),
    async promote(to: ModelDigest) {
      const revision = ((await ledger.latest(model))?.revision ?? 0) + 1;
      await ledger.append({
        ...{ model, revision, at: new Date(0).toISOString(), by: "somebody", why: "" },
        change: { kind: "alias", alias: "champion", digest: to },
        aliases: { champion: { digest: to } },
      });
    },
    /** As two writers would count hours of a day, from one on. */
    async serve(day: number, { sketch = hourOf(50), fromHour = 0, of = digest } = {}) {
      for (let hour = fromHour; hour < 24; hour++) {
        const key = {
          hour: sketchHour(beginsMs + day * dayMs + hour * hourMs),
          role: "champion",
          digest: of,
        } as const;
        const failed = await sketches.write(
          ["one", "two"].map((writer) => ({
            partitionKey: sketchPartition(model),
            sortKey: sketchSortKey(key, writer),
            ...{ shard: writer, expected: undefined, expiresAt: 0 },
            part: { mark: "1", body: encodeSketch(sketch) },
          })),
        );
        expect(failed).toEqual([]);
      }
    },
    async reach(shard: string, timeMs: number) {
      const clock = await openShardClock({
        ...{ clocks: await readClocks(tiles, model), model, shard, aheadMs: 1e15 },
        parentsOf: async () => [],
      });
      clock.admit(timeMs, timeMs);
      expect(await clock.save(tiles, String(timeMs).padStart(66, "0"), clock.snapshot(), 0)).toBe(true);
    },
  };
}

const day = (of: number, hours = 1) => beginsMs + of * dayMs + hours * hourMs;
const far = { sketch: hourOf(50, 400) };

describe("the drift function", () => {
  it("decides each whole window of event time once, the oldest first", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    for (const each of [0, 1, 2]) await stage.serve(each);
    await stage.reach("shard-0", day(2));
    await stage.run();
    expect((await stage.reports()).map(({ from, rows, verdict }) => [from, rows, verdict])).toEqual([
      ["2001-01-10T00:00:00.000Z", 2400, "compared"],
      ["2001-01-11T00:00:00.000Z", 2400, "compared"],
    ]);
    // What was counted is written by then.
    expect(stage.slept).toEqual([5_000]);
    const before = stage.stored();
    await stage.run();
    expect(stage.slept).toHaveLength(1);
    expect(stage.stored() === before).toBe(true);
    await stage.reach("shard-0", day(3));
    await stage.run();
    expect(await stage.reports()).toHaveLength(3);
  });

  it("waits for the slowest shard, but not for one that gets no events", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    await stage.serve(0);
    await stage.serve(1);
    await stage.reach("slow", day(0, 23));
    await stage.reach("fast", day(1, 1));
    await stage.run();
    expect(await stage.reports()).toEqual([]);
    await stage.reach("fast", day(2, 1));
    await stage.run();
    expect(await stage.reports()).toHaveLength(1);
  });

  it("alarms in the second window that drifted, says which feature once, and clears it once it is mended", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    await stage.serve(0);
    for (const each of [1, 2]) await stage.serve(each, far);
    for (const each of [3, 4]) await stage.serve(each);
    const states: [number, readonly string[]][] = [];
    for (const each of [1, 2, 3, 4, 5]) {
      await stage.reach("shard-0", day(each));
      await stage.run();
      const newest = (await stage.reports()).at(-1)!;
      states.push([stage.emitted("DriftAlarm").at(-1)!, newest.alarmed.map(causeText)]);
    }
    expect(states).toEqual([
      [0, []],
      [0, []],
      [1, ["distance"]],
      [1, ["distance"]],
      [0, []],
    ]);
    expect(
      stage.logger.lines.map(({ message, fields }) => [message, fields.raised ?? fields.cleared]),
    ).toEqual([
      ["drift alarm raised", ["distance"]],
      ["drift alarm cleared", ["distance"]],
    ]);
  });

  it("emits how each model stands at every run, under its name", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    await stage.serve(0, far);
    await stage.reach("shard-0", day(1));
    await stage.run();
    await stage.run();
    expect(stage.emitted("DriftedFeatures")).toEqual([1, 1]);
    expect(stage.emitted("PredictionDrift")).toEqual([0, 0]);
    // A quarter each time: 1/4 · 9/16 + 3/4 · 1/16.
    expect(stage.emitted("EstimatedBrier")[0]).toBeCloseTo(3 / 16, 12);
    expect(stage.emitted("EstimatedAuc")[0]).toBeCloseTo(0.5, 12);
  });

  it("emits the calibration error of the outcomes of the days before", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    // One half of four predictions of 0.25 came true: off by 0.25, whatever the bin.
    const scored = [0, 0, 1, 1].map((label) => ({
      kind: "binary" as const,
      score: 0.25,
      threshold: 0.5,
      label,
    }));
    await saveAccuracy({
      ...{ store: stage.deps.sketches, model, shard: "shard-0", expiresAt: 4e9 },
      outcomes: scored.map((each, i) => ({
        ...{ hour: sketchHour(beginsMs), role: "champion", digest, mark: String(i), scored: each },
      })),
    });
    for (const each of [0, 1]) await stage.serve(each);
    await stage.reach("shard-0", day(2));
    await stage.run();
    expect(stage.emitted("CalibrationError").at(-1)).toBeCloseTo(0.25, 12);
  });

  it("does not compare the window in which a version began, and counts each version's own", async () => {
    const stage = await setUp();
    const next = "b".repeat(64) as ModelDigest;
    await stage.promote(digest);
    await stage.serve(0);
    await stage.promote(next);
    await stage.serve(1, { fromHour: 13, of: next });
    await stage.serve(2, { of: next });
    await stage.reach("shard-0", day(3));
    await stage.run();
    expect(
      (await stage.reports()).map(({ from, verdict, digest: of }) => [from.slice(0, 10), verdict, of]),
    ).toEqual([
      ["2001-01-11", "begun", next],
      ["2001-01-12", "compared", next],
    ]);
  });

  it("has nothing to say of a window of no rows, and says so of one of few", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    await stage.serve(0);
    await stage.serve(2, { sketch: hourOf(2) });
    await stage.reach("shard-0", day(3));
    await stage.run();
    expect((await stage.reports()).map(({ from, verdict }) => [from.slice(0, 10), verdict])).toEqual([
      ["2001-01-10", "compared"],
      ["2001-01-12", "few"],
    ]);
  });

  it("looks at no more than so many windows, and begins none without the time for it", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    for (let each = 0; each < 60; each++) await stage.serve(each, { fromHour: 22, sketch: hourOf(200) });
    await stage.reach("shard-0", day(60));
    await stage.run(29_999);
    expect(await stage.reports()).toEqual([]);
    await stage.run();
    const reports = await stage.reports();
    expect([reports.length, reports[0]!.from.slice(0, 10)]).toEqual([48, "2001-01-22"]);
  });

  it("says once that a version has no reference, and emits nothing", async () => {
    const stage = await setUp("none");
    await stage.run();
    expect(stage.logger.lines).toEqual([]);
    await stage.promote(digest);
    await stage.serve(0);
    await stage.reach("shard-0", day(2));
    await stage.run();
    await stage.run();
    expect(stage.logger.lines).toMatchObject([{ level: "warn", fields: { model, digest } }]);
    expect(stage.emitted("DriftAlarm")).toEqual([]);
    expect(await stage.reports()).toEqual([]);
  });

  it("goes by the wall clock where a model has none of its own", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    await stage.serve(0);
    const versions = createWatchedVersions(stage.deps);
    const now = () => day(1, 0) + 11 * 60_000;
    await watchDrift({ ...stage.deps, now }, { versions, remainingMs: () => 100_000 });
    expect(await stage.reports()).toHaveLength(1);
  });

  it("watches the other models where one fails, and fails then", async () => {
    const stage = await setUp();
    await stage.promote(digest);
    await stage.serve(0);
    await stage.reach("shard-0", day(1));
    const failing = {
      ...stage.deps,
      models: ["broken", model],
      ledger: {
        latest: async (of: string) => {
          if (of === model) return await stage.ledger.latest(of);
          throw new DependencyError("ledger: gone", { code: "dependency.unavailable" });
        },
      },
    };
    const versions = createWatchedVersions(failing);
    await expect(watchDrift(failing, { versions, remainingMs: () => 100_000 })).rejects.toThrow(
      "ledger: gone",
    );
    expect(await stage.reports()).toHaveLength(1);
    expect(stage.logger.lines).toMatchObject([{ level: "error", fields: { model: "broken" } }]);
  });

  it("refuses a reference that this release cannot read", async () => {
    const stage = await setUp({ ...referenceOf(hourOf(10)), sketch: "AAAA" });
    await stage.promote(digest);
    await expect(stage.run()).rejects.toMatchObject({ code: "model.package" });
  });
});
