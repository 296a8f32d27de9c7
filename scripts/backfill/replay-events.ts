import { secondsOf } from "../../functions/contract/duration.ts";
import type { PredictionRole } from "../../functions/contract/prediction.ts";
import { InvariantError } from "../../functions/core/errors.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import type { Logger } from "../../functions/core/observe/logger.ts";
import type { ExampleBatch } from "../../functions/core/outcome/example-store.ts";
import { fateMetrics, type OutcomeFate } from "../../functions/core/outcome/outcome-fate.ts";
import { createRowDecoders } from "../../functions/core/outcome/row-decoders.ts";
import { keepSecondsOf } from "../../functions/core/prediction/keep-seconds.ts";
import type { PredictionBatch } from "../../functions/core/prediction/prediction-batch.ts";
import { createBreaker } from "../../functions/core/rollout/breaker.ts";
import type { ParentsOf } from "../../functions/core/state/shard-clock.ts";
import type { ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import { createBatchTimer } from "../../functions/stream/batch-timer.ts";
import type { StreamDeps } from "../../functions/stream/deps.ts";
import { createModelStates } from "../../functions/stream/model-state.ts";
import { processDelivered } from "../../functions/stream/process-batch.ts";
import { createShadowQueues } from "../../functions/stream/shadow-queue.ts";
import type { PastEvent } from "../archive/archived-object.ts";
import { type PastBatchOptions, pastBatches } from "./past-batches.ts";
import { createPastPredictions } from "./past-predictions.ts";
import { createSums, type Sums } from "./sums.ts";

export interface ReplayOptions extends PastBatchOptions {
  readonly model: LoadedModel;
  /** Those of a shard in stream order; see `placeEvents` for events that never were on a stream. */
  readonly events: AsyncIterable<PastEvent>;
  /** Told of the examples of each batch that made any, in order; the replay waits. */
  readonly onExamples?: (batch: ExampleBatch) => Promise<void> | void;
  /** Told of the predictions of each chunk, in order. */
  readonly onPredictions?: (batch: PredictionBatch) => void;
  /** Keeps tiles, and the shards' clocks. */
  readonly tiles: ShardStateStore;
  /** @default backfill */
  readonly role?: PredictionRole;
  /** The shards that one was split or merged from. @default they are not known */
  readonly parentsOf?: ParentsOf;
  /** Told after each batch how many events are done. */
  readonly onProgress?: (eventCount: number) => void;
  readonly signal?: AbortSignal;
}

/** What a replay came to. */
export interface Replayed {
  readonly events: number;
  readonly predictions: number;
  /** Events that ask for nothing and feed nothing. */
  readonly skipped: number;
  readonly rejected: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** Events that came too late for a view. */
  readonly late: number;
  readonly outcomes: Readonly<Record<OutcomeFate, number>>;
  readonly examples: number;
  readonly durationMs: number;
}

/**
 * Replay events of the past through the code that serves them live, in this process.
 *
 * Equal events of one shard give the features that they got live, or would have got. Memory holds the predictions whose
 * outcome may still count; what grows is up to `tiles`.
 *
 * @throws {InvariantError} when a batch cannot be done: everything is in memory, so that no retry would help.
 */
export async function replayEvents(options: ReplayOptions): Promise<Replayed> {
  const { model, events, signal, onProgress } = options;
  const startedMs = performance.now();
  const sums = createSums();
  const failures: unknown[] = [];
  let examples = 0;
  const deps = replayDeps(options, {
    sums,
    failures,
    async writeExamples(batch) {
      if (batch.examples.length === 0) return;
      examples += batch.examples.length;
      await options.onExamples?.(batch);
    },
  });
  for await (const batch of pastBatches(events, options)) {
    signal?.throwIfAborted();
    const { batchItemFailures } = await processDelivered(batch, deps);
    if (batchItemFailures.length > 0) {
      const { shard } = batch.range;
      const at = batchItemFailures[0]!.itemIdentifier;
      throw new InvariantError(`replay of "${model.package.name}": failed at ${shard}/${at}`, {
        cause: failures.at(-1),
      });
    }
    onProgress?.(sums.of("Events"));
  }
  return {
    events: sums.of("Events"),
    predictions: sums.of("Predictions"),
    skipped: sums.of("Skipped"),
    rejected: sums.of("Rejected"),
    rejectedByReason: sums.by("RejectedByReason"),
    late: sums.of("LateEvents"),
    outcomes: Object.fromEntries(
      Object.entries(fateMetrics).map(([fate, metric]) => [fate, sums.of(metric)]),
    ) as Record<OutcomeFate, number>,
    examples,
    durationMs: performance.now() - startedMs,
  };
}

interface ReplaySinks {
  readonly sums: Sums;
  readonly failures: unknown[];
  readonly writeExamples: (batch: ExampleBatch) => Promise<void>;
}

/** The stream function's own dependencies, in memory; what the past has emitted, rejected or scored already goes nowhere. */
function replayDeps(options: ReplayOptions, { sums, failures, writeExamples }: ReplaySinks): StreamDeps {
  const { model, tiles, role = "backfill", parentsOf = async () => [] } = options;
  const { name, event } = model.package;
  const logger = failureLog(failures);
  const store = createPastPredictions({
    keepSeconds: keepSecondsOf(model.package, 0),
    graceSeconds: secondsOf(event.ahead),
  });
  // Nothing is written later than it happened: predictions expire by the time of their events.
  const now = () => Number.NEGATIVE_INFINITY;
  const nowMs = () => performance.now();
  const serving = {
    ...{ model: name, role, store, logger, metrics: sums, keepSeconds: 0, now, nowMs },
    breaker: createBreaker({ nowMs }),
  };
  return {
    ...serving,
    shadows: createShadowQueues(serving),
    roles: { read: async () => ({ champion: model, challenger: undefined, shadow: undefined }) },
    predictions: {
      async put(batch) {
        options.onPredictions?.(batch);
        return [];
      },
    },
    rejects: { write: async () => {} },
    timer: createBatchTimer({ metrics: sums, now: Date.now, nowMs }),
    stateOf: createModelStates({
      ...{ tiles, logger, metrics: sums, outcomes: store, now: Date.now },
      sketches: { read: async (ranges) => ranges.map(() => []), write: async () => [] },
      examples: { write: writeExamples },
      decoders: createRowDecoders({
        ...{ model: name, logger },
        layouts: { read: async () => undefined, write: async () => {} },
      }),
      parentsOf: (_, shard) => parentsOf(shard),
    }),
  };
}

function failureLog(failures: unknown[]): Logger {
  return {
    info() {},
    warn() {},
    error: (message, { error = message } = {}) => void failures.push(error),
  };
}
