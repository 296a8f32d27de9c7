import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { packageKey } from "../../../functions/contract/manifest.ts";
import { parseDeclaration } from "../../../functions/core/inference/package-declarations.ts";
import { followUp } from "../../../functions/core/rollout/moves.ts";
import { openShardClock, readClocks } from "../../../functions/core/state/shard-clock.ts";
import { logisticModel } from "../../../scripts/onnx/example-models.ts";
import { moveCommands } from "../../../scripts/rollout/move-commands.ts";
import type { RolloutStage } from "../../../scripts/rollout/open-stage.ts";
import { readingCommands } from "../../../scripts/rollout/reading-commands.ts";
import { replayCommand } from "../../../scripts/rollout/replay-command.ts";
import { runSubcommand } from "../../../scripts/rollout/run-subcommand.ts";
import type { ModelsDeps } from "../../../scripts/rollout/subcommand.ts";
import { packageOf } from "../../functions/stream/set-up.ts";
import { engine } from "../publish/package-folder.ts";
import { MemoryObjectStore } from "../redrive/memory-object-store.ts";

export const modelName = "delays";
export const startMs = Date.parse("2001-01-31T00:00:00Z");

export const declared = {
  name: modelName,
  event: { id: "flight", time: "departs" },
  predictOn: { type: "departure" },
  features: { distance: { from: "distance" }, hour: { from: "departs", as: "hourOfDay" } },
  outputs: { probability: { from: "score", index: 0 } },
  outcome: { on: { type: "arrival" }, id: "flight", label: { from: "delay", above: 15 }, within: "48h" },
} as const;

/** What makes a version look at the arrivals of the last hours. */
export function withWindow(over: string, view: object = {}) {
  const arrivals = { on: { type: "arrival" }, key: "origin", time: "arrives", tile: "5m", ...view };
  return {
    features: { distance: { from: "distance" }, recent: { view: "arrivals", agg: "count", over } },
    views: { arrivals },
  };
}

/** A stage in memory with one model and the command over it; its clock goes on by a minute per call. */
export function createStage(overrides: Partial<ModelsDeps> = {}) {
  const ledger = new MemoryLedger();
  const packages = new MemoryPackageStore();
  const tiles = new MemoryShardStateStore();
  const data = new MemoryObjectStore();
  let nowMs = startMs;
  const stage: RolloutStage = {
    ...{ ledger, packages, tiles, engine, sketches: new MemoryShardStateStore() },
    declarations: {
      read: async (model, digest) =>
        parseDeclaration(packages.objects.get(packageKey(model, digest, "model.json"))!),
    },
    data,
    parentsOf: async () => [],
    close() {},
  };
  const lines: string[] = [];
  const deps: ModelsDeps = {
    open: async () => stage,
    listModels: async () => [modelName],
    out: { line: (text = "") => void lines.push(...text.split("\n")) },
    working: { line() {}, step: (_, work) => work({ progress() {} }) },
    readVerdict: undefined,
    user: "ada",
    now: () => nowMs,
    ...overrides,
  };
  const commands = { ...readingCommands(deps), ...moveCommands(deps), replay: replayCommand(deps) };
  const group = { usage: "npm run models --", summary: "Models.", notes: "Notes.", commands };

  return {
    ...{ stage, ledger, packages, tiles, data },
    /** Publish a version: the first one is champion, a later one nothing. @param seed - of its model's weights */
    async publish(change: object = {}, seed = 1): Promise<ModelDigest> {
      nowMs += 60_000;
      const digest = await packages.write(
        modelName,
        packageOf(logisticModel({ featureCount: 2, seed }), {
          ...declared,
          ...change,
        }),
      );
      const newest = await ledger.latest(modelName);
      const entry = followUp(
        newest,
        { model: modelName, by: "ada", why: "trained", nowMs },
        {
          change: { kind: "publish", digest, sourceDigest: "s", ...(newest ? {} : { alias: "champion" }) },
          aliases: newest?.aliases ?? { champion: { digest } },
        },
      );
      await ledger.append(entry);
      return digest;
    },
    models,
    modelsJson: async (...args: string[]) => JSON.parse((await models(...args, "--json")).join("\n")),
    /** As if events up to a time had come. */
    async setNewestEvent(newestMs: number) {
      const clocks = await readClocks(tiles, modelName);
      const options = { clocks, model: modelName, shard: "s", aheadMs: 0, parentsOf: async () => [] };
      const clock = await openShardClock(options);
      const snapshot = { newestMs, arrivalMs: newestMs, ahead: undefined };
      await clock.save(tiles, String(newestMs).padStart(20, "0"), snapshot, 4e9);
    },
  };

  /** @returns the lines that the command writes. */
  async function models(...args: string[]): Promise<readonly string[]> {
    nowMs += 60_000;
    lines.length = 0;
    await runSubcommand(group, { args, out: deps.out, signal: new AbortController().signal });
    return [...lines];
  }
}
