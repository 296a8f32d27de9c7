import { MemoryExampleStore } from "../../../../functions/adapters/memory/memory-example-store.ts";
import { MemoryLayoutStore } from "../../../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryOutcomeStore } from "../../../../functions/adapters/memory/memory-outcome-store.ts";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { createOrtEngine } from "../../../../functions/adapters/onnx/ort-engine.ts";
import { createModelLoader } from "../../../../functions/core/inference/model-loader.ts";
import type { PackageFiles } from "../../../../functions/core/inference/package-store.ts";
import type { OutcomeStore } from "../../../../functions/core/outcome/outcome-store.ts";
import { createRowDecoders } from "../../../../functions/core/outcome/row-decoders.ts";
import { type PredictionBatch, selectRows } from "../../../../functions/core/prediction/prediction-batch.ts";
import { createRoleReader } from "../../../../functions/core/rollout/serving-roles.ts";
import type { ShardStateStore } from "../../../../functions/core/state/shard-state-store.ts";
import type { StreamDeps } from "../../../../functions/stream/deps.ts";
import { createModelStates } from "../../../../functions/stream/model-state.ts";
import { setUp } from "../set-up.ts";
import { createTroubledStream, type Gate, type Trouble } from "./troubled-stream.ts";

/** The stream function over stores in memory that several environments share, each through a gate of its own. */
export async function openTroubledStage(
  files: PackageFiles,
  options: { readonly seed: number; readonly trouble: Trouble; readonly shardCount: number },
) {
  const { deps, store, digest, publish, ledger, metrics, packages, rejects } = await setUp(files);
  const tiles = new MemoryShardStateStore();
  const sketches = new MemoryShardStateStore();
  const examples = new MemoryExampleStore();
  const outcomes = new MemoryOutcomeStore(store);
  let conflicts = 0;
  const engine = createOrtEngine({ memoryMiB: 1769 });
  const { model, logger, now } = deps;

  const makeEnvironment = (gate: Gate): StreamDeps => ({
    ...deps,
    // A new environment loads the model itself: nothing that it remembers is another's.
    roles: createRoleReader({
      ...{ model, ledger, metrics, logger, nowMs: now },
      loader: createModelLoader(model, packages, { engine, nowMs: () => performance.now() }),
    }),
    store: {
      put: async (batch) => {
        const rows = [...batch.bodies.keys()];
        const answers = await gate.callEach<number, string | undefined | "failed">(
          rows,
          async (accepted) => {
            const { existing } = await store.put(selectRows(batch, accepted));
            return accepted.map((_, i) => existing.get(i));
          },
          "failed",
        );
        return {
          existing: new Map(
            rows.flatMap((row) => {
              const answer = answers[row];
              return answer === undefined || answer === "failed" ? [] : [[row, answer]];
            }),
          ),
          failed: rows.filter((row) => answers[row] === "failed"),
        };
      },
    },
    predictions: { put: (batch: PredictionBatch) => gate.call(() => deps.predictions.put(batch)) },
    rejects: { write: (batch) => gate.call(() => deps.rejects.write(batch)) },
    stateOf: createModelStates({
      tiles: gated(tiles, gate, () => conflicts++),
      sketches: gated(sketches, gate, () => conflicts++),
      outcomes: gatedOutcomes(outcomes, gate),
      examples: { write: (batch) => gate.call(() => examples.write(batch)) },
      decoders: createRowDecoders({ model, layouts: new MemoryLayoutStore(), logger }),
      parentsOf: async (_, shard) => stream.parentsOf(shard),
      ...{ metrics, logger, now },
    }),
  });
  const stream = createTroubledStream({ ...options, makeEnvironment });
  return {
    stream,
    store,
    tiles,
    sketches,
    examples,
    rejects,
    metrics,
    digest,
    publish,
    deps,
    conflicts: () => conflicts,
  };
}

function gated(store: ShardStateStore, gate: Gate, onConflict: () => void): ShardStateStore {
  return {
    read: (ranges) => gate.call(() => store.read(ranges)),
    async write(writes) {
      const failures = await gate.callEach<(typeof writes)[number], "conflict" | "unavailable" | "written">(
        writes,
        async (accepted) => {
          const failed = new Map((await store.write(accepted)).map(({ index, reason }) => [index, reason]));
          for (const reason of failed.values()) if (reason === "conflict") onConflict();
          return accepted.map((_, i) => failed.get(i) ?? "written");
        },
        "unavailable",
      );
      return failures.flatMap((reason, index) => (reason === "written" ? [] : [{ index, reason }]));
    },
  };
}

function gatedOutcomes(store: OutcomeStore, gate: Gate): OutcomeStore {
  return {
    find: (model, ids) => gate.callEach(ids, (accepted) => store.find(model, accepted), "failed"),
    write: (writes) => gate.callEach(writes, (accepted) => store.write(accepted), "failed"),
  };
}
