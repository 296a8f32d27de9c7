import type { ModelDigest } from "../contract/ids.ts";
import { storesPredictions } from "../contract/package-problems.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { SketchRecorder } from "../core/monitor/sketch-recorder.ts";
import type { EncodedRows } from "../core/prediction/prediction-builder.ts";
import { takeSameRows } from "../core/rollout/same-rows.ts";
import type { ServingRoles } from "../core/rollout/serving-roles.ts";
import type { Mark } from "../core/state/mark.ts";
import type { PredictDeps } from "./deps.ts";
import { copiedRows, encodedRows, type PlacedRows } from "./rival-rows.ts";

/** Scores a request's events beside the champion, for as long as it errs little and is quick. */
export interface ChallengerRun {
  readonly digest: ModelDigest;
  readonly share: number;
  /** Rows that a chunk may have at most. */
  readonly capacity: number;
  /** Take an event that the champion took, as the champion's next row. @param timeMs - when it happened */
  take(bytes: Buffer, timeMs: number): void;
  /**
   * Complete its rows of the chunk; never throws.
   *
   * @param champion - done once the champion's `count` rows are complete, which must not move before this is done.
   */
  place(count: number, champion: Promise<unknown>): Promise<void>;
  /** Score the rows that were placed last; never throws. @returns undefined where it was stopped. */
  run(champion: ChampionChunk): Promise<ChallengerChunk | undefined>;
}

/** How the champion's run of the same chunk went. */
export interface ChampionChunk {
  /** One per row: its outputs' text, or why it has none. */
  readonly results: readonly unknown[];
  readonly durationMs: number;
  readonly timesMs: readonly number[];
  readonly marks: readonly Mark[];
}

export interface ChallengerChunk {
  /** One per row of the champion's: its outputs' text, or something else where it says nothing. */
  readonly results: readonly unknown[];
  /** Its encoded rows in the champion's order; absent where they are the champion's. */
  readonly features?: EncodedRows;
}

export interface ChallengerRunOptions {
  readonly roles: Pick<ServingRoles, "champion" | "challenger">;
  readonly deps: Pick<PredictDeps, "breaker" | "viewsOf" | "metrics" | "logger" | "nowMs">;
  readonly sketches: SketchRecorder | undefined;
}

/** @returns undefined where no challenger is on, or where it was stopped a short while ago. */
export function startChallenger({ roles, deps, sketches }: ChallengerRunOptions): ChallengerRun | undefined {
  const { champion, challenger } = roles;
  const { breaker, metrics, logger, nowMs } = deps;
  if (challenger === undefined || !breaker.isClosed(challenger.model.digest)) return undefined;
  const { model, share } = challenger;
  const { digest } = model;
  const rows = rowsOf(champion, model);
  let isStopped = false;
  let placed: PlacedRows | undefined;
  let failure: unknown;

  return {
    digest,
    share,
    capacity: model.buffers.capacity,
    take(bytes, timeMs) {
      if (!isStopped) rows.take(bytes, timeMs);
    },
    async place(count, isComplete) {
      if (isStopped) return;
      try {
        placed = await rows.place(count, isComplete);
      } catch (error) {
        placed = undefined;
        failure = error;
      }
    },
    async run(chunk) {
      if (isStopped) return undefined;
      const own = placed;
      const startedMs = nowMs();
      const results = own && (await tryRun(own, chunk));
      settle(chunk, results ?? [], nowMs() - startedMs);
      return results && { results, ...(own?.features && { features: own.features }) };
    },
  };

  function rowsOf(first: LoadedModel, second: LoadedModel) {
    if (takeSameRows(first, second)) return copiedRows(first, second);
    const views = deps.viewsOf(second);
    // Who waits for it is told, and the champion may fail before anybody does.
    views.catch(() => undefined);
    return encodedRows(second, { views, keepsFeatures: storesPredictions(second.package) });
  }

  /** @returns one result per row of the champion's; undefined where it fails as a whole. */
  async function tryRun(
    { rowAt, refused }: PlacedRows,
    { results, timesMs, marks }: ChampionChunk,
  ): Promise<readonly unknown[] | undefined> {
    try {
      const counted = sketches?.add({
        ...{ model, role: "challenger", count: rowAt.length },
        timesMs: rowAt.map((row) => timesMs[row]!),
        marks: rowAt.map((row) => marks[row]!),
      });
      const startedMs = nowMs();
      const own = await model.predictor.predict(rowAt.length);
      counted?.(
        own.map((result, place) => refused.get(place) ?? result),
        nowMs() - startedMs,
      );
      const said: unknown[] = results.map(() => undefined);
      own.forEach((result, place) => {
        if (!refused.has(place)) said[rowAt[place]!] = result;
      });
      return said;
    } catch (error) {
      failure = error;
      return undefined;
    }
  }

  /** Only what the champion could answer is held against it. */
  function settle(chunk: ChampionChunk, own: readonly unknown[], durationMs: number): void {
    const asked = chunk.results.flatMap((result, row) => (typeof result === "string" ? [row] : []));
    const failed = asked.filter((row) => typeof own[row] !== "string").length;
    if (failed > 0) metrics.add("ChallengerErrors", failed, "Count");
    const reason = breaker.record(digest, {
      ...{ rows: asked.length, failed, durationMs },
      championMs: chunk.durationMs,
    });
    if (reason !== undefined) {
      isStopped = true;
      metrics.add("ChallengerStopped", 1, "Count");
      logger.warn("the challenger was stopped here for a while; the champion answers", {
        ...{ digest, reason, rows: asked.length, failed, durationMs },
        ...(failure !== undefined && { error: failure }),
      });
    }
    failure = undefined;
    placed = undefined;
  }
}
