import { quantileCuts } from "./quantile-cuts.ts";

/** Allocates memory; a pool's is seen by all of its threads. */
export type Allocate = (sizeBytes: number) => ArrayBufferLike;

/** Every column with each value replaced by the number of its bin. */
export interface BinnedColumns {
  readonly rowCount: number;
  /** Column-major, [columns, rowCount]. */
  readonly bins: Uint8Array;
  /** By column: bin `b` holds what is `<= cuts[b]` and in no bin before; the last, what is above all cuts. */
  readonly cuts: readonly Float32Array[];
}

/** The bin of NaN, after the bins of values. */
export function missingBin(cuts: Float32Array): number {
  return cuts.length + 1;
}

/** Choose cuts on these rows and bin them. @param maxBins - 3 to 256, with the one of NaN. */
export function binColumns(
  columns: readonly Float32Array[],
  maxBins: number,
  allocate: Allocate,
): BinnedColumns {
  const cuts = columns.map((column) => quantileCuts(column, maxBins - 1));
  return binByCuts(columns, cuts, allocate);
}

/** Bin rows by cuts chosen on others. */
export function binByCuts(
  columns: readonly Float32Array[],
  cuts: readonly Float32Array[],
  allocate: Allocate = (sizeBytes) => new ArrayBuffer(sizeBytes),
): BinnedColumns {
  const rowCount = columns[0]!.length;
  const bins = new Uint8Array(allocate(columns.length * rowCount));
  columns.forEach((column, i) => {
    binInto(bins.subarray(i * rowCount, (i + 1) * rowCount), column, cuts[i]!);
  });
  return { rowCount, bins, cuts };
}

function binInto(bins: Uint8Array, column: Float32Array, cuts: Float32Array): void {
  const missing = missingBin(cuts);
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row]!;
    let low = 0;
    let high = cuts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= cuts[middle]!) high = middle;
      else low = middle + 1;
    }
    bins[row] = Number.isNaN(value) ? missing : low;
  }
}
