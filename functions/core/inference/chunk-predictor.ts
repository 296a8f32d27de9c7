import { createLookupTrial } from "../cache/lookup-trial.ts";
import type { ResultCache } from "../cache/result-cache.ts";
import type { SharedTier } from "../cache/shared-tier.ts";
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
  /** The cache that all functions of the stage share. */
  readonly shared?: SharedTier;
  /** Runs a row that the model is known to take; false where it no longer does. Absent where none is known. */
  readonly probe?: () => Promise<boolean>;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
  /** Told of every run: its rows and how long it took. */
  readonly onRun?: (rowCount: number, durationMs: number) => void;
}

/** Weight of the newest run in the running mean of the cost per row. */
const newestWeight = 0.2;

export function createChunkPredictor(options: ChunkPredictorOptions): ChunkPredictor {
  const { session, outputs, buffers, cache, shared, keyPrefix } = options;
  const trial = createLookupTrial();
  /** Mean cost of a row, in milliseconds; unknown until a run has been timed. */
  let rowCostMs: number | undefined;

  return {
    async predict(count) {
      const local = trial.isWorthwhile(rowCostMs, count) ? cache : undefined;
      const tier = shared?.isWorthwhile(rowCostMs, count) ? shared : undefined;
      if (local === undefined && tier === undefined) return await run(count);
      return await predictDistinct(count, local, tier);
    },
  };

  /** Rows that are equal to the byte are run once; rows that were answered before are not run at all. */
  async function predictDistinct(
    count: number,
    local: ResultCache | undefined,
    tier: SharedTier | undefined,
  ): Promise<RowResult[]> {
    const answers: RowResult[] = new Array(count);
    const keyOf: string[] = new Array(count);
    const rowByKey = new Map<string, number>();
    for (let i = 0; i < count; i++) {
      const key = keyPrefix + buffers.key(i);
      const hit = local?.get(key);
      if (hit !== undefined) {
        answers[i] = hit;
        continue;
      }
      keyOf[i] = key;
      if (!rowByKey.has(key)) placeRow(i, key, rowByKey);
    }
    if (local !== undefined) trial.record(count, count - rowByKey.size, rowCostMs);
    const results = tier === undefined ? await runKeys(rowByKey) : await runShared(rowByKey, tier);
    if (local !== undefined)
      for (const [key, result] of results) if (typeof result === "string") local.set(key, result);
    for (let i = 0; i < count; i++) if (keyOf[i] !== undefined) answers[i] = results.get(keyOf[i]!)!;
    return answers;
  }

  /** Run only what the shared cache does not answer, and let it know the rest. */
  async function runShared(
    rowByKey: ReadonlyMap<string, number>,
    tier: SharedTier,
  ): Promise<Map<string, RowResult>> {
    if (rowByKey.size === 0) return new Map();
    const { answered, settle } = await tier.lookUp([...rowByKey.keys()], rowCostMs);
    const left = new Map<string, number>();
    for (const [key, row] of rowByKey) if (!answered.has(key)) placeRow(row, key, left);
    const ran = await runKeys(left, { isRest: true });
    await settle(new Map([...ran].filter((each): each is [string, string] => typeof each[1] === "string")));
    return new Map([...answered, ...ran]);
  }

  /** Give a row the next place from the top: rows only ever move up, over rows that are done with. */
  function placeRow(row: number, key: string, rowByKey: Map<string, number>): void {
    const place = rowByKey.size;
    if (place !== row) buffers.moveRow(row, place);
    rowByKey.set(key, place);
  }

  async function runKeys(
    rowByKey: ReadonlyMap<string, number>,
    kind?: { readonly isRest: boolean },
  ): Promise<Map<string, RowResult>> {
    const ran = await run(rowByKey.size, kind);
    const results = new Map<string, RowResult>();
    for (const [key, row] of rowByKey) results.set(key, ran[row]!);
    return results;
  }

  /** @param isRest - whether only those rows are left that the shared cache did not answer. */
  async function run(count: number, { isRest } = { isRest: false }): Promise<RowResult[]> {
    if (count === 0) return [];
    const startedMs = options.nowMs();
    const results = await runRows({ session, outputs, buffers, count });
    const durationMs = options.nowMs() - startedMs;
    learnRowCost(durationMs / count, isRest);
    options.onRun?.(count, durationMs);
    await checkNotAllFailed(results);
    return results;
  }

  /**
   * Every run has a cost of its own, which few rows bear more of each: were it learnt from rests, hits would seem to save
   * more than they do, and the shared cache would be asked all the more.
   */
  function learnRowCost(costMs: number, isRest: boolean): void {
    if (rowCostMs === undefined) rowCostMs = costMs;
    else if (!isRest || costMs < rowCostMs) rowCostMs += newestWeight * (costMs - rowCostMs);
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
