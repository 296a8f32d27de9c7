import type { Problem } from "../features/column.ts";
import { type ElementStore, elementStores } from "../features/element-store.ts";
import { canBeMissing } from "../features/missing.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import { type Step, stepOf } from "../features/steps.ts";
import { type NumericArray, numericArrays, type TensorType } from "../inference/tensor.ts";
import type { Windowed } from "./view-program.ts";

/** Where a windowed feature's column stands. */
export interface WindowedPlace {
  /** Position among the package's features. */
  readonly feature: number;
  /** Position of the model's input. */
  readonly input: number;
  readonly column: number;
  /** Elements of one row of the input. */
  readonly width: number;
  readonly type: TensorType;
}

/** The windowed features of a model, compiled: turns aggregates into columns of a row. */
export interface WindowedColumns {
  /**
   * Write one row; false where the model's input cannot hold a value.
   *
   * @param values - one per windowed feature; NaN where the window is empty.
   */
  write(values: Float64Array, buffers: RowBuffers, row: number): boolean;
  /** Every reason why `write` refused. */
  explain(values: Float64Array): Problem[];
}

/**
 * Compile the columns of windowed features.
 *
 * @param places - one per windowed feature.
 * @returns the columns, and every problem of the declaration; with a problem they are not usable.
 */
export function compileWindowedColumns(
  windows: readonly Windowed[],
  places: readonly WindowedPlace[],
): { columns: WindowedColumns; problems: string[] } {
  const problems: string[] = [];
  const columns = windows.flatMap((windowed, i): Column[] => {
    const place = places[i]!;
    if (place.type === "string") {
      problems.push(
        `feature "${windowed.name}": a windowed feature is a number and the model's input holds text; feed it to another input`,
      );
      return [];
    }
    const element = elementStores[place.type];
    const column = {
      windowed,
      place,
      element,
      canBeMissing: canBeMissing(windowed.feature),
      steps: stepsOf(windowed),
      probe: new numericArrays[place.type](1),
    };
    if (!holds(column, transformed(column, Number.NaN)))
      problems.push(
        `feature "${windowed.name}": default ${windowed.fallback}, transformed, is not what the model's input holds, ${column.element.holds}; correct the default`,
      );
    return [column];
  });
  return { columns: { write, explain }, problems };

  function write(values: Float64Array, buffers: RowBuffers, row: number): boolean {
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const { input, column: at, width } = column.place;
      // Text inputs were refused above.
      const target = buffers.arrays[input] as NumericArray;
      if (!column.element.store(target, row * width + at, transformed(column, values[i]!))) return false;
      if (column.canBeMissing)
        buffers.missing[row * featureCountOf(buffers) + column.place.feature] = Number.isNaN(values[i]!)
          ? 1
          : 0;
    }
    return true;
  }

  function explain(values: Float64Array): Problem[] {
    return columns.flatMap((column, i) => {
      if (holds(column, transformed(column, values[i]!))) return [];
      const { name, feature } = column.windowed;
      const got = `${values[i]} as the ${feature.agg} over ${feature.over} of view "${feature.view}"`;
      const expected =
        column.steps.length === 0
          ? `, expected ${column.element.holds}`
          : `, whose transform gives no value the model can take (${column.element.holds})`;
      return [{ code: "input.range", message: `feature "${name}": got ${got}${expected}; clip the feature` }];
    });
  }
}

interface Column {
  readonly windowed: Windowed;
  readonly place: WindowedPlace;
  readonly element: ElementStore;
  readonly canBeMissing: boolean;
  readonly steps: readonly Step[];
  /** Room for one value, to try it. */
  readonly probe: NumericArray;
}

function featureCountOf({ missing, capacity }: RowBuffers): number {
  return missing.length / capacity;
}

function stepsOf({ feature: { as } }: Windowed): readonly Step[] {
  const transforms = as === undefined ? [] : Array.isArray(as) ? as : [as];
  return transforms.flatMap((each) => stepOf(each) ?? []);
}

function transformed({ windowed, steps }: Column, aggregate: number): number {
  let value = Number.isNaN(aggregate) ? windowed.fallback : aggregate;
  for (let i = 0; i < steps.length; i++) value = steps[i]!(value);
  return value;
}

function holds({ element, probe }: Column, value: number): boolean {
  return element.store(probe, 0, value);
}
