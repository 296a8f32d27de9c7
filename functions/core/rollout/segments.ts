import type { ModelPackage } from "../../contract/model-package.ts";
import type { FieldIndex } from "../decode/field-index.ts";
import { type Fields, scalarAt } from "../decode/fields.ts";

/** The segments that a package declares, compiled. */
export interface SegmentReader {
  /**
   * The event's part of each segment, by the segment's name; null where it has none of the listed values.
   *
   * @returns undefined where the package declares none.
   */
  read(fields: Fields): Readonly<Record<string, string | null>> | undefined;
}

export function compileSegments(
  { segments }: Pick<ModelPackage, "segments">,
  index: FieldIndex,
): SegmentReader {
  const readers = Object.entries(segments).map(([name, { from, values }]) => ({
    name,
    field: index.fieldOf(from),
    values: new Set(values),
  }));
  if (readers.length === 0) return { read: () => undefined };
  return {
    read: (fields) =>
      Object.fromEntries(
        readers.map(({ name, field, values }) => {
          const value = scalarAt(fields, field);
          return [name, value !== undefined && values.has(value) ? String(value) : null];
        }),
      ),
  };
}
