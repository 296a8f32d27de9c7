import { DependencyError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import { readEvent, writeWindows } from "../core/inference/event-row.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { EncodedRows } from "../core/prediction/prediction-builder.ts";
import type { Ask, ViewReads } from "../core/views/view-batch.ts";
import { isDoneWithin } from "./within.ts";

/** Brings a chunk that the champion takes into a challenger's buffers, too. */
export interface RivalRows {
  /** Take an event that the champion took, as the champion's next row. @param timeMs - when it happened */
  take(bytes: Buffer, timeMs: number): void;
  /**
   * Complete the rows of the chunk, before the champion's run may move its own.
   *
   * @param champion - done once the champion's `count` rows are complete.
   * @throws {DependencyError} where its views cannot be read, or not in time.
   */
  place(count: number, champion: Promise<unknown>): Promise<PlacedRows>;
}

export interface PlacedRows {
  /** Per row in its buffers, from 0 on: the champion's row of the same event. An event that it cannot take has none. */
  readonly rowAt: readonly number[];
  /** Rows in its buffers whose windows it cannot take, and why not. */
  readonly refused: ReadonlyMap<number, Problem>;
  /** Copies of its rows, in the champion's order; undefined where they are the champion's own. */
  readonly features: EncodedRows | undefined;
}

/** The champion's encoded rows, copied: for a challenger that takes the same. */
export function copiedRows(champion: LoadedModel, challenger: LoadedModel): RivalRows {
  return {
    take() {},
    async place(count, isComplete) {
      await isComplete;
      const rowAt = Array.from({ length: count }, (_, row) => row);
      for (const row of rowAt) challenger.buffers.copyFrom(champion.buffers, row, row);
      return { rowAt, refused: new Map(), features: undefined };
    },
  };
}

/** How long the champion's answer waits for views that only the challenger reads, once its own are there. */
const patienceMs = 250;

/**
 * Rows of its own: for a challenger that reads other fields or windows than the champion.
 *
 * @param options.views - what it may read of its views.
 * @param options.keepsFeatures - whether its rows are to be copied.
 */
export function encodedRows(
  { program, buffers }: LoadedModel,
  { views, keepsFeatures }: { views: Promise<ViewReads | undefined>; keepsFeatures: boolean },
): RivalRows {
  const windows = new Float64Array(program.views.windows.length);
  let asks: Ask[] = [];
  let rowAt: number[] = [];
  let taken = 0;

  return {
    take(bytes, timeMs) {
      const keys = encode(bytes, asks.length);
      if (keys !== undefined) {
        asks.push({ keys, timeMs });
        rowAt.push(taken);
      }
      taken++;
    },
    async place(count, champion) {
      const [chunk, rows] = [asks, rowAt];
      asks = [];
      rowAt = [];
      taken = 0;
      const refused = fillWindows(await inTime(loaded(chunk), champion), chunk);
      return { rowAt: rows, refused, features: keepsFeatures ? inOrder(rows, count) : undefined };
    },
  };

  /** @returns what it looks up; undefined where it cannot take the event. */
  function encode(bytes: Buffer, place: number): readonly string[] | undefined {
    if (readEvent(program, bytes) !== undefined) return undefined;
    const { fields } = program.reader;
    if (!program.encoder.encode(fields, buffers, place)) return undefined;
    const lookups = program.views.lookupsOf(fields);
    return Array.isArray(lookups) ? undefined : lookups.keys;
  }

  async function loaded(chunk: readonly Ask[]): Promise<ViewReads | undefined> {
    const reads = await views;
    await reads?.load(chunk);
    return reads;
  }

  /** @returns rows whose windows the model cannot take. */
  function fillWindows(reads: ViewReads | undefined, chunk: readonly Ask[]): ReadonlyMap<number, Problem> {
    const refused = new Map<number, Problem>();
    if (reads === undefined) return refused;
    chunk.forEach(({ keys, timeMs }, row) => {
      reads.read(keys, timeMs, windows);
      const problem = writeWindows(program, windows, { buffers, row });
      if (problem !== undefined) refused.set(row, problem);
    });
    return refused;
  }

  /** Copies of the rows in the champion's order, zeros where it has none. */
  function inOrder(rows: readonly number[], count: number): EncodedRows {
    const { rowBytes } = buffers;
    const own = buffers.copyBytes(0, rows.length);
    if (rows.length === count) return { bytes: own, rowBytes };
    const bytes = new Uint8Array(count * rowBytes);
    rows.forEach((row, place) => {
      bytes.set(own.subarray(place * rowBytes, (place + 1) * rowBytes), row * rowBytes);
    });
    return { bytes, rowBytes };
  }
}

/** Wait for work until the champion is ready, and then no longer than its patience. */
async function inTime<Result>(work: Promise<Result>, champion: Promise<unknown>): Promise<Result> {
  await Promise.race([work, champion.catch(() => undefined)]);
  if (await isDoneWithin(work, patienceMs)) return await work;
  throw new DependencyError(
    `challenger: its views were not read within ${patienceMs} ms of the champion's; the champion answers`,
    { code: "dependency.timeout" },
  );
}
