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
import type { ViewProgram } from "../core/views/view-program.ts";
import { createViewState } from "../core/views/view-state.ts";
import { type BatchState, createBatchState, type ShardOpening } from "./batch-state.ts";
import type { DeliveredBatch } from "./delivered-batch.ts";
import { createWindowSteps, type WindowSteps } from "./window-steps.ts";

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
  /**
   * Open its views beside the version that answers, for the same batch.
   *
   * @param answering - that version's views: those that are this one's too are written by it.
   */
  follow(opening: ShardOpening, answering: ViewProgram): FollowerState;
}

/** What a version that runs beside another reads of its views, and adds to them. */
export interface FollowerState {
  readonly windows: WindowSteps;
  /** Write what the batch added to the views that are its alone. @returns as `BatchState.settle` does */
  save(before: Mark | undefined): Promise<Mark | undefined>;
  /** Told that everything up to a mark is done: its views in memory are as they are stored. */
  followed(mark: Mark): void;
}

/** Finds the state of a version; undefined where neither it nor one that runs beside it keeps any. */
export type StateOf = (model: LoadedModel, beside?: readonly LoadedModel[]) => ModelState | undefined;

/** Make the states of versions, each once. */
export function createModelStates(deps: StateDeps): StateOf {
  const states = new WeakMap<LoadedModel, ModelState>();
  return (model, beside = []) => {
    if (![model, ...beside].some((each) => hasState(each.package))) return undefined;
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
      const writing = writingShards(clocks);
      return createBatchState({
        ...{ model, clock, clocks: writing, tiles, range, metrics, now },
        views: views.begin({ shard, clocks: writing, isOwner }),
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
    follow,
  };

  function follow(opening: ShardOpening, answering: ViewProgram): FollowerState {
    const { shard, clocks, progress, expiryOf } = opening;
    const isOwner = progress !== undefined && written.get(shard) === progress;
    written.delete(shard);
    const kept = new Set(answering.views.map(({ digest }) => digest));
    const batch = views.begin({ shard, clocks, isOwner, isKeptElsewhere: (digest) => kept.has(digest) });
    return {
      windows: createWindowSteps(program, batch),
      save: (before) => batch.save(before, expiryOf(program.views.maxWindowMs)),
      followed: (mark) => void written.set(shard, mark),
    };
  }
}
