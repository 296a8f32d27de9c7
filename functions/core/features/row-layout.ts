import { sizeOf } from "../decode/fields.ts";
import type { TensorSpec, TensorType } from "../inference/tensor.ts";

/** How wide a feature is and where it wants to go. */
export interface FeatureShape {
  readonly name: string;
  /** Columns it fills: 1, the number of one-hot values, or a tensor's element count. */
  readonly width: number;
  /** For a tensor feature. */
  readonly shape?: readonly number[];
  /** Name of the model input, where declared. */
  readonly input?: string;
}

/** One input of the model as rows fill it. */
export interface InputLayout {
  readonly name: string;
  readonly type: TensorType;
  /** Shape of one row, without the batch axis. */
  readonly rowShape: readonly number[];
  /** Elements of one row. */
  readonly width: number;
}

/** Where a feature's first column stands. */
export interface Placement {
  /** Position in `inputs`. */
  readonly input: number;
  readonly column: number;
}

export interface RowLayout {
  readonly inputs: readonly InputLayout[];
  /** One per feature, in the features' order. */
  readonly placements: readonly Placement[];
}

/**
 * Lay features out over a model's inputs.
 *
 * A feature belongs to the input it names, else to the model's only input, else to the input that bears its own name.
 * Features of one input stand side by side in the order of the package; a tensor feature has its input to itself.
 *
 * @returns the layout, and every problem found; with a problem the layout is not usable.
 */
export function layoutRows(
  features: readonly FeatureShape[],
  specs: readonly TensorSpec[],
): { layout: RowLayout; problems: string[] } {
  const problems: string[] = [];
  const widths = specs.map(() => 0);
  const members: FeatureShape[][] = specs.map(() => []);
  const placements = features.map((feature) => {
    const input = inputOf(feature, specs);
    if (input < 0) {
      problems.push(unplaced(feature, specs));
      return { input: 0, column: 0 };
    }
    const column = widths[input]!;
    widths[input] = column + feature.width;
    members[input]!.push(feature);
    return { input, column };
  });
  const inputs = specs.map((spec, i) => layoutInput(spec, members[i]!, problems));
  return { layout: { inputs, placements }, problems };
}

function inputOf(feature: FeatureShape, specs: readonly TensorSpec[]): number {
  if (feature.input === undefined && specs.length === 1) return 0;
  return specs.findIndex(({ name }) => name === (feature.input ?? feature.name));
}

function unplaced(feature: FeatureShape, specs: readonly TensorSpec[]): string {
  const names = specs.map(({ name }) => `"${name}"`).join(", ");
  return feature.input === undefined
    ? `feature "${feature.name}": the model has ${specs.length} inputs (${names}) and none bears this name; set "input"`
    : `feature "${feature.name}": input "${feature.input}" is none of the model's inputs (${names}); correct "input"`;
}

function layoutInput(spec: TensorSpec, members: readonly FeatureShape[], problems: string[]): InputLayout {
  const width = members.reduce((sum, feature) => sum + feature.width, 0);
  const tensor = members.find(({ shape }) => shape !== undefined);
  const rowShape = tensor?.shape ?? (spec.shape.length === 1 ? [] : [width]);
  const at = `input "${spec.name}" (${spec.type} ${showShape(spec.shape)})`;
  if (members.length === 0)
    problems.push(`${at}: no feature feeds it; declare one, with "input": "${spec.name}"`);
  else if (tensor !== undefined && members.length > 1) {
    problems.push(
      `${at}: tensor feature "${tensor.name}" shares it with others; give it an input of its own`,
    );
  } else if (!fits(spec.shape, rowShape) || (tensor === undefined && sizeOf(rowShape) !== width)) {
    const fed = members.map(({ name }) => `"${name}"`).join(", ");
    problems.push(
      `${at}: the features ${fed} make rows of shape ${showShape([null, ...rowShape])} with ${width} values; ` +
        "declare the features that the model was trained on, in its order",
    );
  }
  if (spec.shape.length > 0 && spec.shape[0] !== null) {
    problems.push(
      `${at}: the batch axis is fixed to ${spec.shape[0]}; export the model with a variable first dimension`,
    );
  }
  return { name: spec.name, type: spec.type, rowShape, width };
}

function fits(declared: readonly (number | null)[], rowShape: readonly number[]): boolean {
  return (
    declared.length === rowShape.length + 1 &&
    rowShape.every((size, axis) => [null, size].includes(declared[axis + 1]!))
  );
}

function showShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((size) => size ?? "N").join(", ")}]`;
}
