import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { DriftReport, ValueReport } from "../../../functions/core/monitor/drift/drift-report.ts";
import { writeDrift } from "../../../functions/core/monitor/drift/drift-store.ts";
import { hourOf, saveAccuracy } from "../../../functions/core/outcome/accuracy-store.ts";
import { formatDrift } from "../../../scripts/status/format-drift.ts";
import { readDriftStatus } from "../../../scripts/status/read-drift.ts";

const digest = "a".repeat(64) as ModelDigest;
const model = "m";
const nowMs = Date.UTC(2026, 0, 10, 1);
const dayMs = 86_400_000;

const value = (name: string, by: number): ValueReport => ({
  ...{ name, statistic: "jensenShannon", value: by, threshold: 0.1, samples: 2000, drifted: by > 0.1 },
  measured: { jensenShannon: by },
});

const reportOf = (day: number, over: Partial<DriftReport> = {}): DriftReport => ({
  ...{ digest, rows: 2000, failed: 0, verdict: "compared", referenceWindows: 30, breaches: [], alarmed: [] },
  from: new Date(Date.UTC(2026, 0, day)).toISOString(),
  until: new Date(Date.UTC(2026, 0, day) + dayMs).toISOString(),
  features: ["a", "b", "c", "d", "e", "f"].map((name, i) => value(name, 0.06 - i / 100)),
  scores: [value("score", 0.02)],
  estimated: { logLoss: 0.4, brier: 0.13, auc: 0.7 },
  ...over,
});

async function storesOf(reports: readonly DriftReport[]) {
  const stores = { tiles: new MemoryShardStateStore(), sketches: new MemoryShardStateStore() };
  for (const report of reports) await writeDrift(stores.sketches, model, { report, expiresAt: 0 });
  return stores;
}

const drifted = reportOf(9, {
  features: [value("distance", 0.4), ...reportOf(9).features],
  breaches: [{ feature: "origin", rule: "domain", share: 0.97, least: 0.99 }],
  alarmed: [{ kind: "feature", name: "distance" }],
});

describe("the drift in the status", () => {
  it("is that of the version's newest windows, beside what came true in them", async () => {
    const other = "b".repeat(64) as ModelDigest;
    const stores = await storesOf([
      ...[5, 6, 7, 8].map((day) => reportOf(day)),
      drifted,
      reportOf(9, { digest: other, rows: 1 }),
    ]);
    const time = new Date(Date.UTC(2026, 0, 9, 12)).toISOString();
    const scored = { kind: "binary", score: 0.25, label: 0, threshold: 0.5 } as const;
    await saveAccuracy({
      ...{ store: stores.sketches, model, shard: "s", expiresAt: 0 },
      outcomes: [
        { hour: hourOf(time), role: "champion", digest, mark: "1", scored },
        { hour: hourOf(time), role: "challenger", digest, mark: "2", scored: { ...scored, label: 1 } },
      ],
    });
    const status = await readDriftStatus(stores, { model, digest, nowMs });
    expect(status).toMatchObject({
      alarmed: ["distance"],
      referenceWindows: 30,
      breaches: [{ share: 0.97 }],
    });
    expect(status!.windows.map(({ from, drifted: names }) => [from.slice(8, 10), names])).toEqual([
      ["07", []],
      ["08", []],
      ["09", ["distance", "rule origin.domain"]],
    ]);
    expect(status!.features.map(({ name }) => name)).toEqual(["distance", "a", "b", "c", "d"]);
    expect(status!.windows.map(({ measured }) => measured?.brier)).toEqual([undefined, undefined, 0.0625]);
    expect(status!.windows[2]!.estimated).toEqual({ logLoss: 0.4, brier: 0.13, auc: 0.7 });
  });

  it("is found however long ago the windows were, and absent where there are none", async () => {
    const old = { ...reportOf(1), from: "2025-03-01T00:00:00.000Z", until: "2025-03-31T00:00:00.000Z" };
    expect((await readDriftStatus(await storesOf([old]), { model, digest, nowMs }))?.windows).toHaveLength(1);
    expect(await readDriftStatus(await storesOf([]), { model, digest, nowMs })).toBeNull();
  });

  it("stands in aligned columns", async () => {
    const few: DriftReport = { ...reportOf(10), verdict: "few", rows: 12, features: [], scores: [] };
    const status = await readDriftStatus(await storesOf([reportOf(8), drifted, few]), {
      model,
      digest,
      nowMs,
    });
    expect(formatDrift(status!)).toEqual([
      "drift: no alarm; thresholds: from 30 windows of the reference",
      "window             rows  drifted                       log-loss est.  measured  Brier est.  measured  AUC est.  measured  calibration error",
      "2026-01-08 00:00  2,000  nothing                              0.4000         –      0.1300         –    0.7000         –                  –",
      "2026-01-09 00:00  2,000  distance, rule origin.domain         0.4000         –      0.1300         –    0.7000         –                  –",
      "2026-01-10 00:00     12  too few rows                         0.4000         –      0.1300         –    0.7000         –                  –",
      "furthest from the reference  by              value  threshold",
      "prediction (score)           Jensen-Shannon  0.020      0.100",
      "distance                     Jensen-Shannon  0.400      0.100  drifted",
      "a                            Jensen-Shannon  0.060      0.100",
      "b                            Jensen-Shannon  0.050      0.100",
      "c                            Jensen-Shannon  0.040      0.100",
      "d                            Jensen-Shannon  0.030      0.100",
      "rule origin.domain: kept by 97.00 % of the values, at least 99.00 % are asked for",
    ]);
  });
});
