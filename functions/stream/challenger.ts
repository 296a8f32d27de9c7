import { ModelRunError } from "../core/errors.ts";
import type { RowBuffers } from "../core/features/row-buffers.ts";
import type { RowResult } from "../core/inference/run-rows.ts";
import type { EncodedRows } from "../core/prediction/prediction-builder.ts";
import type { RowsSaid } from "../core/rollout/answer-rows.ts";
import type { Companion, PassedEvent } from "./companion.ts";
import type { StreamDeps } from "./deps.ts";
import type { SketchTurn } from "./sketch-chunk.ts";

/** The challenger on one batch: it scores every event that the champion does. */
export interface Challenger extends Pick<Companion, "isFull" | "save" | "followed"> {
  take(event: PassedEvent): void;
  /** Give it the rows of the chunk. @throws {DependencyError} when its state cannot be read */
  fill(answering: RowBuffers): Promise<void>;
  /**
   * Score the rows of the chunk.
   *
   * @param chunk.championMs - what the champion took for them.
   * @returns what it says, per row of the champion's; undefined where it does not run in this environment for now, having
   *   failed too often or taken too long.
   */
  score(chunk: ChunkToScore): Promise<ChallengerSaid | undefined>;
}

export interface ChallengerSaid extends RowsSaid {
  readonly share: number;
  /** Its own rows, per row of the champion's, where they are to be kept and differ from the champion's. */
  readonly features: EncodedRows | undefined;
}

export interface ChunkToScore {
  readonly count: number;
  readonly championMs: number;
  /** Counts its rows into its sketches. */
  readonly sketch: SketchTurn;
  /** Whether the rows served are kept. */
  readonly keepsRows: boolean;
}

export function createChallenger(companion: Companion, share: number, deps: StreamDeps): Challenger {
  const { breaker, metrics, logger, nowMs } = deps;
  const { digest, predictor } = companion.model;
  let rows: ReadonlyMap<number, number | undefined> = new Map();
  return {
    get isFull() {
      return companion.isFull;
    },
    take: companion.take,
    async fill(answering) {
      rows = await companion.fill(answering);
    },
    score,
    save: companion.save,
    followed: companion.followed,
  };

  async function score({
    count,
    championMs,
    sketch,
    keepsRows,
  }: ChunkToScore): Promise<ChallengerSaid | undefined> {
    const own = companion.count;
    companion.clear();
    if (!breaker.isClosed(digest)) return undefined;
    const counted = sketch(companion.model, "challenger", own, rows);
    // A run may move the rows.
    const features = keepsRows && !companion.isTwin ? rowsInOrder(count) : undefined;
    const startedMs = nowMs();
    const said = own === 0 ? [] : await tryRun(own);
    const durationMs = nowMs() - startedMs;
    counted?.(said, durationMs);
    const results = Array.from({ length: count }, (_, row) => {
      const at = rows.get(row);
      return at === undefined ? undefined : said[at];
    });
    const failed = results.filter((result) => typeof result !== "string").length;
    if (failed > 0) metrics.add("ChallengerErrors", failed, "Count");
    const reason = breaker.record(digest, { rows: count, failed, durationMs, championMs });
    if (reason !== undefined) {
      metrics.add("ChallengerStopped", 1, "Count");
      logger.error("the challenger was stopped in this environment; the champion answers", {
        digest,
        reason,
      });
    }
    return { digest, share, results, features };
  }

  /** Its rows where the champion's stand; nothing at those that it cannot take, which it does not answer. */
  function rowsInOrder(count: number): EncodedRows {
    const { buffers } = companion.model;
    const bytes = new Uint8Array(count * buffers.rowBytes);
    for (const [row, own] of rows) {
      if (own !== undefined) bytes.set(buffers.copyBytes(own, own + 1), row * buffers.rowBytes);
    }
    return { bytes, rowBytes: buffers.rowBytes };
  }

  /** Whatever goes wrong with a challenger is its own affair: the champion has answered. */
  async function tryRun(count: number): Promise<readonly RowResult[]> {
    try {
      return await predictor.predict(count);
    } catch (cause) {
      logger.warn("the challenger failed on a whole chunk", { digest, error: cause });
      const failure = new ModelRunError("challenger: the run failed", { code: "run.failed", cause });
      return Array.from({ length: count }, () => failure);
    }
  }
}
