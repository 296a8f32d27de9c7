/** Examples as training reads them: one row each, in the order of their events' time. */
export interface ExampleTable {
  /** Names of the columns. */
  readonly features: readonly string[];
  readonly count: number;
  /** Row-major, [count, features]. */
  readonly values: Float32Array;
  /** 1 or 0, one per row. */
  readonly labels: Uint8Array;
  /** Epoch milliseconds of the events predicted on, ascending. */
  readonly timesMs: Float64Array;
}

/** Divide examples into those of events before a time and those from it on: a holdout that training cannot have seen. */
export function splitByTime(
  table: ExampleTable,
  timeMs: number,
): { readonly before: ExampleTable; readonly after: ExampleTable } {
  const from = table.timesMs.findIndex((each) => each >= timeMs);
  const at = from < 0 ? table.count : from;
  return { before: rowsBetween(table, 0, at), after: rowsBetween(table, at, table.count) };
}

function rowsBetween(
  { features, values, labels, timesMs }: ExampleTable,
  from: number,
  to: number,
): ExampleTable {
  return {
    features,
    count: to - from,
    values: values.subarray(from * features.length, to * features.length),
    labels: labels.subarray(from, to),
    timesMs: timesMs.subarray(from, to),
  };
}
