import type { Place } from "../contract/reject.ts";
import type { RowBuffers } from "../core/features/row-buffers.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { EventIdentity } from "../core/prediction/event-identity.ts";
import { keepSecondsOf } from "../core/prediction/keep-seconds.ts";
import { createPredictionBuilder } from "../core/prediction/prediction-builder.ts";
import { placeText } from "../core/prediction/prediction-id.ts";
import { isShadowed } from "../core/rollout/route.ts";
import type { Companion, PassedEvent } from "./companion.ts";
import type { StreamDeps } from "./deps.ts";

/** An event that the shadow may score. */
export interface ShadowedEvent extends PassedEvent {
  /** Who it is about, where it asks for a prediction. */
  readonly identity: EventIdentity | undefined;
  readonly placeOf: () => Place;
}

/** The shadow on one batch. */
export interface Shadow extends Pick<Companion, "save" | "followed"> {
  take(event: ShadowedEvent): void;
  fill(answering: RowBuffers): Promise<void>;
}

/**
 * The events that wait for the shadow in this environment: a sample, scored together after a batch's own writes, so that
 * few batches have anything to do with it.
 */
export interface ShadowQueue {
  /** Open it for a batch. @param makeCompanion - makes the shadow's side of it, given the rows that wait */
  open(sample: number, makeCompanion: (waiting: number) => Companion): Shadow;
  /**
   * Score and store what waits, if it is time to; never throws.
   *
   * @param lagMs - how far the stream is behind: what waits is dropped where that is too far.
   */
  run(lagMs: number): Promise<void>;
}

/** So many rows, or the first batch after so long, are worth a run. */
const rowsPerRun = 256;
const restMs = 1_000;
/** Behind by so much, the stream's own events have the time that there is. */
const maxLagMs = 2_000;
/** What one run may take; the rows that are estimated to take longer are dropped. */
const budgetMs = 100;
/** Weight of the newest run in the running mean of the cost per row. */
const newestWeight = 0.2;

/** What a shadow leans on. */
export type ShadowDeps = Pick<
  StreamDeps,
  "model" | "store" | "breaker" | "metrics" | "logger" | "keepSeconds" | "now" | "nowMs"
>;

/** Finds the queue of a shadow, made once per version. */
export type ShadowQueues = (model: LoadedModel) => ShadowQueue;

export function createShadowQueues(deps: ShadowDeps): ShadowQueues {
  const queues = new WeakMap<LoadedModel, ShadowQueue>();
  return (model) => {
    const known = queues.get(model);
    if (known !== undefined) return known;
    const queue = createShadowQueue(model, deps);
    queues.set(model, queue);
    return queue;
  };
}

function createShadowQueue(model: LoadedModel, deps: ShadowDeps): ShadowQueue {
  const { digest, predictor } = model;
  const { breaker, metrics, logger, nowMs } = deps;
  let place: Place | undefined;
  const builder = createPredictionBuilder({
    ...{ model: deps.model, digest, role: "shadow", now: deps.now },
    keepSeconds: keepSecondsOf(model.package, deps.keepSeconds),
    placeOf: () => place!,
  });
  /** Rows in the buffers, of which those that can be run are in the builder, by their position. */
  let waiting = 0;
  let ranMs = nowMs();
  let rowCostMs = 0;

  return { open, run };

  function open(sample: number, makeCompanion: (waiting: number) => Companion): Shadow {
    const companion = makeCompanion(waiting);
    let chunk = new Map<number, ShadowedEvent>();
    return {
      take(event) {
        const { row, identity } = event;
        const isWanted =
          row !== undefined &&
          identity !== undefined &&
          isShadowed(identity.id ?? placeText(event.placeOf()), digest, sample);
        const hasRoom = !companion.isFull && breaker.isClosed(digest);
        if (isWanted && !hasRoom) metrics.add("ShadowDropped", 1, "Count");
        if (isWanted && hasRoom) chunk.set(row, event);
        companion.take(isWanted && hasRoom ? event : { ...event, row: undefined });
      },
      async fill(answering) {
        const rows = await companion.fill(answering);
        waiting = companion.count;
        for (const [row, own] of rows) {
          if (own === undefined) continue;
          const { identity, arrivalMs, placeOf } = chunk.get(row)!;
          place = placeOf();
          builder.add(identity!, arrivalMs, own);
        }
        chunk = new Map();
      },
      save: companion.save,
      followed: companion.followed,
    };
  }

  async function run(lagMs: number): Promise<void> {
    const isDue = waiting >= rowsPerRun || nowMs() - ranMs >= restMs;
    if (waiting === 0 || !isDue) return;
    const affordable = rowCostMs === 0 ? waiting : Math.min(waiting, Math.floor(budgetMs / rowCostMs));
    const count = lagMs > maxLagMs || !breaker.isClosed(digest) ? 0 : affordable;
    const asked = builder.count;
    try {
      const scored = count === 0 ? 0 : await score(count);
      metrics.add("ShadowScored", scored, "Count");
      if (scored < asked) metrics.add("ShadowDropped", asked - scored, "Count");
    } catch (error) {
      breaker.record(digest, { rows: count, failed: count, durationMs: 0, championMs: 0 });
      metrics.add("ShadowDropped", asked, "Count");
      logger.warn("the shadow failed; what it was to score is dropped", { digest, error });
    } finally {
      builder.clear();
      waiting = 0;
      ranMs = nowMs();
    }
  }

  /** @returns how many predictions were stored. */
  async function score(count: number): Promise<number> {
    const startedMs = nowMs();
    const results = await predictor.predict(count);
    const costMs = (nowMs() - startedMs) / count;
    rowCostMs = rowCostMs === 0 ? costMs : rowCostMs + newestWeight * (costMs - rowCostMs);
    const failed = results.filter((result) => typeof result !== "string").length;
    breaker.record(digest, { rows: count, failed, durationMs: 0, championMs: 0 });
    const outputs = Array.from({ length: builder.count }, (_, i) => {
      const result = results[builder.positionOf(i)];
      return typeof result === "string" ? result : undefined;
    });
    const { batch } = builder.build(outputs, undefined);
    const { failed: unstored } = await deps.store.put(batch);
    return batch.count - unstored.length;
  }
}
