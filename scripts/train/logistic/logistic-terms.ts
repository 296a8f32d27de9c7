/** What a logistic regression reads of a row: every other column of it counts for nothing. */
export interface LogisticTerms {
  /** Columns that count by their value. */
  readonly numbers: readonly string[];
  /** Categories, each made of one column or of several whose values together are it. */
  readonly categories: readonly (readonly CategoryColumn[])[];
}

/** A column of whole numbers from 0 to `size - 1`, as a transform `index`, `hash`, `hourOfDay` or `dayOfWeek` gives. */
export interface CategoryColumn {
  readonly name: string;
  readonly size: number;
}

/** Where the weights of one category stand in the table of all of them. */
export interface CategoryPlaces {
  readonly firstPlace: number;
  readonly columns: readonly (CategoryColumn & {
    /** How many places lie between two neighbouring values. */
    readonly stride: number;
  })[];
}

/** Values below 0 and from `size` on have a slot each, so that "unknown" has a weight of its own wherever it was put. */
export function slotCount({ size }: CategoryColumn): number {
  return size + 2;
}

/** Slot of a value; must be what the ONNX graph computes. */
export function slotOf(value: number, { size }: CategoryColumn): number {
  return Math.min(Math.max(Math.floor(value) + 1, 0), size + 1);
}

/** Lay the categories' weights out in one table. */
export function layOut({ categories }: LogisticTerms): {
  readonly places: readonly CategoryPlaces[];
  readonly tableSize: number;
} {
  let tableSize = 0;
  const places = categories.map((columns) => {
    const firstPlace = tableSize;
    let stride = 1;
    const placed = columns.map((column) => {
      const each = { ...column, stride };
      stride *= slotCount(column);
      return each;
    });
    tableSize += stride;
    return { firstPlace, columns: placed };
  });
  return { places, tableSize };
}
