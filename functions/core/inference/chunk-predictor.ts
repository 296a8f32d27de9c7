import type { ResultCache } from "../cache/result-cache.ts";
import { ModelArtifactError } from "../errors.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import type { ModelSession } from "./model-session.ts";
import type { OutputEncoder } from "./output-encoder.ts";
import { type RowResult, runRows } from "./run-rows.ts";

/** Predicts the rows that stand in the buffers, in as few tensor runs as it can. */
export interface ChunkPredictor {
  /**
   * Predict the rows 0 to `count`, which may be moved about: copy what is needed of them before.
   *
   * @returns one result per row, in order.
   * @throws {ModelArtifactError} when every row failed and a row known to be good fails as well: the model is at fault.
   */
  predict(count: number): Promise<RowResult[]>;
}

export interface ChunkPredictorOptions {
  readonly session: ModelSession;
  readonly outputs: OutputEncoder;
  readonly buffers: RowBuffers;
  /** Stands before every cache key; covers the model's digest. */
  readonly keyPrefix: string;
  readonly cache?: ResultCache;
  /** Runs a row that the model is known to take; false where it no longer does. Absent where none is known. */
  readonly probe?: () => Promise<boolean>;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
  /** Told of every run: its rows and how long it took. */
  readonly onRun?: (rowCount: number, durationMs: number) => void;
}

/**
 * Cost per row from which looking a row up beats running it, in milliseconds.
 *
 * A key, a miss and a later write cost 0.5 to 0.8 µs (Node 24, 30 features); a row of a small network 0.15 µs, of
 * 300 trees 7 µs.
 */
const worthCachingMs = 0.002;
/** What looking a row up and storing its result costs at most, in milliseconds: the hits must save more. */
const lookUpMs = 0.001;
/** Rows looked up before their hits are weighed, and rows not looked up after too few of them: a seventeenth is still tried. */
const trialRows = 4_096;
const restRows = 16 * trialRows;
/** Weight of the newest run in the running mean of the cost per row. */
const newestWeight = 0.2;

export function createChunkPredictor(options: ChunkPredictorOptions): ChunkPredictor {
  const { session, outputs, buffers, cache, keyPrefix } = options;
  /** Mean cost of a row, in milliseconds; unknown until a run has been timed. */
  let rowCostMs: number | undefined;
  /** Rows looked up since they were weighed last, and how many of them needed no run of their own. */
  const trial = { lookedUp: 0, hits: 0 };
  let restLeft = 0;

  return {
    async predict(count) {
      if (cache === undefined || rowCostMs === undefined || rowCostMs <= worthCachingMs)
        return await run(count);
      if (restLeft > 0) {
        restLeft -= count;
        return await run(count);
      }
      const results = await predictDistinct(count, cache);
      if (trial.lookedUp >= trialRows) weighTrial(rowCostMs);
      return results;
    },
  };

  function weighTrial(costMs: number): void {
    if ((trial.hits / trial.lookedUp) * costMs < lookUpMs) restLeft = restRows;
    trial.lookedUp = 0;
    trial.hits = 0;
  }

  /** Rows that are equal to the byte are run once; rows that were answered before are not run at all. */
  async function predictDistinct(count: number, results: ResultCache): Promise<RowResult[]> {
    const answers: RowResult[] = new Array(count);
    const rowOf = new Int32Array(count).fill(-1);
    const rowByKey = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const key = keyPrefix + buffers.key(i);
      const hit = results.get(key);
      if (hit !== undefined) {
        answers[i] = hit;
        continue;
      }
      let row = rowByKey.get(key);
      if (row === undefined) {
        row = rowByKey.size;
        rowByKey.set(key, row);
        if (row !== i) buffers.moveRow(i, row);
      }
      rowOf[i] = row;
    }
    trial.lookedUp += count;
    trial.hits += count - rowByKey.size;
    const ran = await run(rowByKey.size);
    for (const [key, row] of rowByKey) {
      const result = ran[row]!;
      if (typeof result === "string") results.set(key, result);
    }
    for (let i = 0; i < count; i++) if (rowOf[i]! >= 0) answers[i] = ran[rowOf[i]!]!;
    return answers;
  }

  async function run(count: number): Promise<RowResult[]> {
    if (count === 0) return [];
    const startedMs = options.nowMs();
    const results = await runRows({ session, outputs, buffers, count });
    const durationMs = options.nowMs() - startedMs;
    rowCostMs =
      rowCostMs === undefined
        ? durationMs / count
        : rowCostMs + newestWeight * (durationMs / count - rowCostMs);
    options.onRun?.(count, durationMs);
    await checkNotAllFailed(results);
    return results;
  }

  /** When everything fails it may be the model, and then no event deserves to be rejected for it. */
  async function checkNotAllFailed(results: readonly RowResult[]): Promise<void> {
    const first = results[0];
    if (options.probe === undefined || typeof first === "string") return;
    if (results.some((result) => typeof result === "string") || (await options.probe())) return;
    throw new ModelArtifactError(
      `model: all ${results.length} row(s) of a chunk failed, and so does a row that it answered before; roll back, or publish a sound version`,
      { code: "model.samples", cause: first },
    );
  }
}
