import type { Allocate, BinnedColumns } from "./binned-columns.ts";
import { createFeatureSearch, type FeatureSearch } from "./feature-search.ts";
import {
  familyFields,
  type RemoteSearches,
  resultFields,
  type SearchPool,
  type SearchShare,
  type SearchTable,
} from "./search-plan.ts";
import type { TreeSettings } from "./tree-options.ts";

export interface OpenSearch {
  readonly table: SearchTable;
  readonly own: FeatureSearch;
  readonly remote: RemoteSearches | undefined;
  readonly threads: number;
}

/** Gains up to this are rounding, as in XGBoost. */
const leastGain = 1e-6;
/** Less curvature than this on one side is rounding too. */
const leastCurvature = 1e-6;

/** Lay out what the threads share, deal the columns out to them, and start them. */
export async function openSearch(
  columns: BinnedColumns,
  settings: TreeSettings,
  pool: SearchPool | undefined,
): Promise<OpenSearch> {
  const columnCount = columns.cuts.length;
  const threads = Math.min(pool?.threads ?? 1, columnCount);
  const table = layOut({ columns, settings, threads, allocate: allocator(pool) });
  const [own, ...others] = Array.from(
    { length: threads },
    (_, thread): SearchShare => ({
      table,
      thread,
      columns: columns.cuts.map((_, column) => column).filter((column) => column % threads === thread),
    }),
  );
  const remote = others.length > 0 ? await pool?.open(others) : undefined;
  return { table, own: createFeatureSearch(own!), remote, threads };
}

export function allocator(pool: SearchPool | undefined): Allocate {
  return (sizeBytes) => pool?.allocate(sizeBytes) ?? new ArrayBuffer(sizeBytes);
}

function layOut(parts: {
  readonly columns: BinnedColumns;
  readonly settings: TreeSettings;
  readonly threads: number;
  readonly allocate: Allocate;
}): SearchTable {
  const { columns, settings, threads, allocate } = parts;
  const { rowCount, bins, cuts } = columns;
  const columnCount = cuts.length;
  // Of the last level that is searched; every node but the root belongs to a family of two.
  const maxNodes = 2 ** (settings.depth - 1);
  const numbers = (length: number) => new Float64Array(allocate(8 * length));
  const valueBins = new Uint16Array(allocate(2 * columnCount));
  valueBins.set(cuts.map((each) => each.length + 1));
  return {
    rowCount,
    bins,
    valueBins,
    rows: new Uint32Array(allocate(4 * rowCount)),
    pairs: new Float32Array(allocate(8 * rowCount)),
    isOpen: new Uint8Array(allocate(columnCount)),
    plan: numbers(1 + Math.max(1, maxNodes / 2) * familyFields.size),
    // The root's family has a place for the sibling that it has not.
    results: numbers(threads * Math.max(2, maxNodes) * resultFields.size),
    maxNodes: Math.max(2, maxNodes),
    rules: {
      lambda: settings.lambda,
      minGain: Math.max(leastGain, settings.gamma),
      minChildWeight: Math.max(leastCurvature, settings.minChildWeight),
    },
  };
}
