import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { zstdDecompressSync } from "node:zlib";
import { type DecodedArray, type FileMetaData, parquetMetadata, parquetScan } from "hyparquet";
import type { Flight } from "./flight.ts";

/** 3,000,000 US flights of 2001-01-01 to 2001-07-01, sorted by scheduled departure (npm package `vega-datasets`). */
export const flightsFile = fileURLToPath(
  new URL("../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url),
);

export interface FlightSelection {
  /** First scheduled departure, epoch milliseconds, inclusive. */
  readonly fromMs: number;
  /** Exclusive. @default the end of the data */
  readonly toMs?: number | undefined;
  /** Most flights to give; at least 0. */
  readonly limit: number;
}

/**
 * Read flights in the order of their scheduled departure.
 *
 * Row groups outside the wanted time are not touched, and one row group at a time is in memory (270,000 rows).
 *
 * @param file - a parquet file with the columns date, delay, distance, origin and destination, sorted by date.
 * @see https://github.com/vega/vega-datasets, `flights-3m`
 */
export async function* readFlights(
  { fromMs, toMs = Infinity, limit }: FlightSelection,
  file = flightsFile,
): AsyncGenerator<Flight> {
  const bytes = await readFile(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = parquetMetadata(buffer, { parsers });
  let left = limit;
  for (const group of rowGroups(metadata)) {
    if (left <= 0 || group.firstMs >= toMs) return;
    if (group.lastMs < fromMs) continue;
    const { readColumn } = await parquetScan({ file: buffer, metadata, compressors, parsers });
    const { rowStart, rowEnd } = group;
    const dates = await readColumn({ column: "date", rowStart, rowEnd });
    const begin = lowerBound(dates, fromMs);
    const end = Math.max(begin, Math.min(lowerBound(dates, toMs), begin + left));
    const rows = { rowStart: rowStart + begin, rowEnd: rowStart + end };
    const [delay, distance, origin, destination] = await Promise.all(
      ["delay", "distance", "origin", "destination"].map((column) => readColumn({ column, ...rows })),
    );
    for (let at = 0; at < end - begin; at += 1) {
      yield {
        row: rows.rowStart + at,
        departsMs: dates[begin + at] as number,
        origin: origin![at],
        destination: destination![at],
        distanceMiles: Number(distance![at]),
        delayMinutes: Number(delay![at]),
      };
    }
    left -= end - begin;
  }
}

/** The pages are compressed with Zstandard, which Node has and hyparquet leaves to its caller. */
const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };
/** Epoch milliseconds, without a Date per row. */
const parsers = { timestampFromMicroseconds: (micros: bigint) => Number(micros / 1000n) };

interface RowGroup {
  readonly rowStart: number;
  readonly rowEnd: number;
  /** Time of the first and the last departure in it. */
  readonly firstMs: number;
  readonly lastMs: number;
}

function rowGroups({ row_groups }: FileMetaData): readonly RowGroup[] {
  let rowEnd = 0;
  return row_groups.map((group, index) => {
    const rowStart = rowEnd;
    rowEnd += Number(group.num_rows);
    const date = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === "date");
    const { min_value, max_value } = date?.meta_data?.statistics ?? {};
    if (min_value === undefined || max_value === undefined) {
      throw new Error(`row group ${index} of the flights has no range of dates; install vega-datasets anew`);
    }
    return { rowStart, rowEnd, firstMs: Number(min_value), lastMs: Number(max_value) };
  });
}

/** Index of the first of the ascending values that is not below the bound. */
function lowerBound(values: DecodedArray, bound: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
