import type { FieldSpec } from "./fields.ts";

/** Gathers the paths that a model reads, each once. */
export interface FieldIndex {
  readonly specs: readonly FieldSpec[];
  /** The position of a path's field; one path read in two shapes, or as a scalar too, is two fields. */
  fieldOf(path: string, shape?: readonly number[]): number;
}

export function createFieldIndex(): FieldIndex {
  const specs: FieldSpec[] = [];
  const positions = new Map<string, number>();
  return {
    specs,
    fieldOf(path, shape) {
      const key = `${path} ${shape?.join("x") ?? ""}`;
      const known = positions.get(key);
      if (known !== undefined) return known;
      positions.set(key, specs.length);
      return specs.push({ path: path.split("."), shape }) - 1;
    },
  };
}
