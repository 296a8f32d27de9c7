import type { ExampleTable } from "../example-table.ts";
import { type LogisticTerms, layOut, slotOf } from "./logistic-terms.ts";

/** Rows to learn from. */
export interface LogisticRows {
  readonly count: number;
  /** Standardised, row-major, [count, numberCount]. */
  readonly numbers: Float32Array;
  readonly numberCount: number;
  /** Places in the table of category weights, row-major, [count, categoryCount]. */
  readonly categories: Uint32Array;
  readonly categoryCount: number;
  /** Length of that table. */
  readonly tableSize: number;
  /** 1 or 0, one per row. */
  readonly labels: Uint8Array;
}

/** Mean and standard deviation of each number. */
export interface Standards {
  readonly means: Float64Array;
  /** 1 where a number never varies. */
  readonly deviations: Float64Array;
}

/** What each number has to be divided by and lessened by to have mean 0 and deviation 1 over these examples. */
export function standardsOf(table: ExampleTable, { numbers }: LogisticTerms): Standards {
  const columns = columnsOf(table, numbers);
  const means = new Float64Array(numbers.length);
  const deviations = new Float64Array(numbers.length);
  columns.forEach((column, i) => {
    let [mean, squares] = [0, 0];
    for (let row = 0; row < table.count; row += 1) {
      // Welford's: exact where the values are far from zero.
      const value = table.values[row * table.features.length + column]!;
      const from = value - mean;
      mean += from / (row + 1);
      squares += from * (value - mean);
    }
    means[i] = mean;
    deviations[i] = Math.sqrt(squares / Math.max(1, table.count)) || 1;
  });
  return { means, deviations };
}

/** @param standards - those of the examples that are learned from, for a holdout too. */
export function logisticRows(table: ExampleTable, terms: LogisticTerms, standards: Standards): LogisticRows {
  const { count, values, features, labels } = table;
  const { places, tableSize } = layOut(terms);
  const numberColumns = columnsOf(table, terms.numbers);
  const parts = places.map(({ firstPlace, columns }) => ({
    firstPlace,
    columns: columns.map((column) => ({ ...column, at: columnsOf(table, [column.name])[0]! })),
  }));
  const numbers = new Float32Array(count * numberColumns.length);
  const categories = new Uint32Array(count * parts.length);
  for (let row = 0; row < count; row += 1) {
    const from = row * features.length;
    numberColumns.forEach((column, i) => {
      numbers[row * numberColumns.length + i] =
        (values[from + column]! - standards.means[i]!) / standards.deviations[i]!;
    });
    parts.forEach(({ firstPlace, columns }, i) => {
      let place = firstPlace;
      for (const column of columns) place += column.stride * slotOf(values[from + column.at]!, column);
      categories[row * parts.length + i] = place;
    });
  }
  return {
    count,
    numbers,
    numberCount: numberColumns.length,
    categories,
    categoryCount: parts.length,
    tableSize,
    labels,
  };
}

function columnsOf({ features }: ExampleTable, names: readonly string[]): readonly number[] {
  return names.map((name) => {
    const column = features.indexOf(name);
    if (column >= 0) return column;
    throw new Error(`feature "${name}": not among the examples' columns ${features.join(", ")}`);
  });
}
