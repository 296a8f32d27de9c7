import { secondsOf } from "../contract/duration.ts";
import { hasState } from "../contract/package-problems.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { ExampleStore } from "../core/outcome/example-store.ts";
import { createOutcomeBatch } from "../core/outcome/outcome-batch.ts";
import type { OutcomeStore } from "../core/outcome/outcome-store.ts";
import type { RowDecoders } from "../core/outcome/row-decoders.ts";
import { storedLayoutOf } from "../core/outcome/stored-layout.ts";
import type { Mark } from "../core/state/mark.ts";
import { openShardClock, readClocks } from "../core/state/shard-clock.ts";
import type { ShardStateStore } from "../core/state/shard-state-store.ts";
import { writingShards } from "../core/state/writing-shards.ts";
import { createViewState } from "../core/views/view-state.ts";
import { type BatchState, createBatchState } from "./batch-state.ts";
import type { DeliveredBatch } from "./delivered-batch.ts";

/** Where a model's state is kept. */
export interface StateDeps {
  readonly tiles: ShardStateStore;
  readonly sketches: ShardStateStore;
  readonly outcomes: OutcomeStore;
  readonly examples: ExampleStore;
  readonly decoders: RowDecoders;
  /** The shards that one of a stream was split or merged from. */
  readonly parentsOf: (stream: string, shard: string) => Promise<readonly string[]>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What one version of a model keeps from batch to batch, in the tables and in this environment's memory. */
export interface ModelState {
  /** Open it for the one batch of a shard that is on its way. @throws {DependencyError} when it cannot be read */
  open(range: DeliveredBatch["range"]): Promise<BatchState>;
}

/** Make the states of versions, each once; undefined for one that keeps none. */
export function createModelStates(deps: StateDeps): (model: LoadedModel) => ModelState | undefined {
  const states = new WeakMap<LoadedModel, ModelState>();
  return (model) => {
    if (!hasState(model.package)) return undefined;
    const known = states.get(model);
    if (known !== undefined) return known;
    const state = createModelState(model, deps);
    states.set(model, state);
    return state;
  };
}

function createModelState(model: LoadedModel, deps: StateDeps): ModelState {
  const { tiles, sketches, metrics, logger, now } = deps;
  const { program, package: pkg } = model;
  const views = createViewState({ program: program.views, store: tiles, model: pkg.name, nowMs: now });
  const aheadMs = secondsOf(pkg.event.ahead) * 1000;
  const layout = storedLayoutOf(pkg, program.encoder.layout);
  if (layout !== undefined) deps.decoders.know(model.digest, layout);
  /** The progress that this environment wrote last, by shard: where it still stands, nobody else was there since. */
  const written = new Map<string, Mark>();

  return {
    async open(range) {
      const { shard, stream } = range;
      const clocks = await readClocks(tiles, pkg.name);
      const parentsOf = (of: string) => deps.parentsOf(stream, of);
      const clock = await openShardClock({ clocks, model: pkg.name, shard, aheadMs, parentsOf });
      const isOwner = clock.progress !== undefined && written.get(shard) === clock.progress;
      // Until the batch is done, what memory holds is ahead of what is written.
      written.delete(shard);
      return createBatchState({
        ...{ model, clock, tiles, range, metrics, now },
        views: views.begin({ shard, clocks: writingShards(clocks), isOwner }),
        outcomes:
          program.outcome &&
          createOutcomeBatch({
            ...{ package: pkg, program: program.outcome, shard, sketches, logger },
            outcomes: deps.outcomes,
            decoders: deps.decoders,
          }),
        examples: deps.examples,
        onProgress: (mark) => written.set(shard, mark),
      });
    },
  };
}
