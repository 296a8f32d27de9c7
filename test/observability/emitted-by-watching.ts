import { MemoryLogger } from "../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../functions/adapters/memory/memory-metrics.ts";
import { MemoryShardStateStore } from "../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import { DependencyError } from "../../functions/core/errors.ts";
import { createSketches } from "../../functions/core/monitor/create-sketches.ts";
import type { DriftReport, ValueReport } from "../../functions/core/monitor/drift/drift-report.ts";
import { writeDrift } from "../../functions/core/monitor/drift/drift-store.ts";
import { markOf } from "../../functions/core/state/mark.ts";
import type { ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import { watchDrift } from "../../functions/drift/watch-drift.ts";
import type { WatchedVersion } from "../../functions/drift/watched-versions.ts";
import { plainVersion } from "../functions/core/monitor/set-up.ts";

const digest = "d".repeat(64) as ModelDigest;
const [from, until] = ["2001-01-30T00:00:00.000Z", "2001-01-31T00:00:00.000Z"];

/** What the drift function emits of a window that was decided before. */
export async function watch(): Promise<MemoryMetrics> {
  const [metrics, sketches] = [new MemoryMetrics(), new MemoryShardStateStore()];
  const score: ValueReport = {
    ...{ name: "score", statistic: "normedWasserstein", value: 1, threshold: 0.1, samples: 9, drifted: true },
    measured: { normedWasserstein: 1 },
  };
  const report: DriftReport = {
    ...{ digest, from, until, rows: 9, failed: 0, verdict: "compared", referenceWindows: 0, breaches: [] },
    ...{ features: [], scores: [score], alarmed: [{ kind: "score", name: "score" }] },
    estimated: { logLoss: 0.5, brier: 0.2, auc: 0.7 },
    calibrationError: 0.02,
  };
  const now = () => Date.parse(until) + 3_600_000;
  await writeDrift(sketches, "m", { report, expiresAt: now() / 1000 + 60 });
  const watched = { digest, package: plainVersion().model.package } as unknown as WatchedVersion;
  await watchDrift(
    {
      ...{ models: ["m"], metrics, sketches, now, logger: new MemoryLogger() },
      tiles: new MemoryShardStateStore(),
      ledger: { latest: notAsked },
      declarations: { read: notAsked },
      references: { read: notAsked },
      sleep: async () => {},
    },
    { versions: { of: async () => watched }, remainingMs: () => 60_000 },
  );
  return metrics;
}

/** What is emitted where features and scores cannot be counted. */
export async function failToSketch(): Promise<MemoryMetrics> {
  const metrics = new MemoryMetrics();
  const down = () => Promise.reject(new DependencyError("down", { code: "dependency.timeout" }));
  const store: ShardStateStore = { read: down, write: down };
  const clock = { now: Date.now, nowMs: () => performance.now() };
  const recorder = createSketches({ store, model: "m", metrics, logger: new MemoryLogger(), ...clock })(
    "shard",
  );
  const { model, encode } = plainVersion();
  encode([{ x: 1 }]);
  const add = recorder.add({ model, role: "champion", count: 1, timesMs: [0], marks: [markOf("1", 0)] });
  add(['{"score":0.5}'], 1);
  await recorder.flush();
  return metrics;
}

function notAsked(): Promise<never> {
  return Promise.reject(new Error("not asked for"));
}
