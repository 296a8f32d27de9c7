export interface TableOptions {
  /** Blanks between two columns. */
  readonly gap: number;
  /** Columns that end flush, from 0; the others begin flush. */
  readonly alignRight?: readonly number[];
}

/** Lay rows of text out in columns. @returns one line per row, without trailing blanks. */
export function formatTable(
  rows: readonly (readonly string[])[],
  { gap, alignRight = [] }: TableOptions,
): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        alignRight.includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}
