import { MemoryExampleStore } from "../../../functions/adapters/memory/memory-example-store.ts";
import { MemoryLayoutStore } from "../../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryOutcomeStore } from "../../../functions/adapters/memory/memory-outcome-store.ts";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { MemoryPredictionStream } from "../../../functions/adapters/memory/memory-prediction-stream.ts";
import { MemoryRejectStore } from "../../../functions/adapters/memory/memory-reject-store.ts";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import { createSketches } from "../../../functions/core/monitor/create-sketches.ts";
import { createRowDecoders } from "../../../functions/core/outcome/row-decoders.ts";
import { createBreaker } from "../../../functions/core/rollout/breaker.ts";
import { createBatchTimer } from "../../../functions/stream/batch-timer.ts";
import type { StreamDeps } from "../../../functions/stream/deps.ts";
import { createModelStates, type StateDeps } from "../../../functions/stream/model-state.ts";
import { processBatch } from "../../../functions/stream/process-batch.ts";
import { createShadowQueues } from "../../../functions/stream/shadow-queue.ts";
import { memoryModel } from "./memory-model.ts";
import type { Variant } from "./variant.ts";
import type { Workload } from "./workload.ts";

/** Where predictions and state are kept. */
export type StatePorts = Pick<StreamDeps, "store"> & Pick<StateDeps, "tiles" | "sketches" | "outcomes">;

export interface HandlerOptions {
  /** @default in memory */
  readonly ports?: StatePorts;
  /** Whether features and scores are counted into sketches: measured by itself, since rotated deliveries are counted only once. @default false */
  readonly isSketching?: boolean;
}

/** The stream function's use case on ports in memory, wired as it is deployed, result cache included. */
export async function handlerVariant(
  name: string,
  workload: Pick<Workload, "name" | "files" | "output">,
  { ports = memoryStatePorts(), isSketching = false }: HandlerOptions = {},
): Promise<Variant> {
  const { store, ...state } = ports;
  const { model, roles, metrics, release } = await memoryModel(workload);
  const predictions = new MemoryPredictionStream();
  const rejects = new MemoryRejectStore();
  const examples = new MemoryExampleStore();
  const logger = new MemoryLogger();
  const stopwatch = createStopwatch();
  const serving = {
    ...{ model, store, metrics, logger, keepSeconds: 86_400, now: Date.now },
    nowMs: () => performance.now(),
    breaker: createBreaker({ nowMs: () => performance.now() }),
  };
  const deps: StreamDeps = {
    ...serving,
    role: "champion",
    roles,
    shadows: createShadowQueues(serving),
    ...(isSketching && {
      sketches: createSketches({ ...serving, store: state.sketches, nowMs: stopwatch.nowMs }),
    }),
    predictions,
    rejects,
    timer: createBatchTimer({ metrics, now: Date.now, nowMs: () => performance.now() }),
    stateOf: createModelStates({
      ...state,
      examples,
      decoders: createRowDecoders({ model, layouts: new MemoryLayoutStore(), logger }),
      parentsOf: async () => [],
      ...{ metrics, logger, now: Date.now },
    }),
  };
  return {
    name,
    async run(event) {
      const { batchItemFailures } = await stopwatch.during(() => processBatch(event, deps));
      if (batchItemFailures.length > 0) throw new Error(`${name}: got a failed batch: ${lastLine()}`);
    },
    takeScores() {
      if (rejects.objects.size > 0) throw new Error(`${name}: got rejects: ${rejects.rejects[0]?.message}`);
      metrics.recorded.length = 0;
      examples.objects.clear();
      return predictions.records.splice(0).map(({ body }) => scoreOf(body, workload.output));
    },
    release,
  };

  function lastLine(): string {
    return String(logger.lines.at(-1)?.fields.error);
  }
}

/**
 * A clock that goes by what this variant spends: what is done every few seconds is then done as often as in an environment
 * of its own, and not each time that others have had their turn.
 */
function createStopwatch() {
  let spentMs = 0;
  let startedMs: number | undefined;
  return {
    nowMs: () => spentMs + (startedMs === undefined ? 0 : cpuMs() - startedMs),
    async during<Result>(action: () => Promise<Result>): Promise<Result> {
      startedMs = cpuMs();
      try {
        return await action();
      } finally {
        spentMs += cpuMs() - startedMs;
        startedMs = undefined;
      }
    },
  };
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e3;
}

function memoryStatePorts(): StatePorts {
  const store = new MemoryPredictionStore();
  return {
    store,
    outcomes: new MemoryOutcomeStore(store),
    tiles: new MemoryShardStateStore(),
    sketches: new MemoryShardStateStore(),
  };
}

export function scoreOf(body: string, output: string): number {
  return (JSON.parse(body) as { outputs: Record<string, number> }).outputs[output] ?? Number.NaN;
}
