import { InputError } from "../../core/errors.ts";
import { numericArrays, type Tensor, type TensorSpec, type TensorType } from "../../core/inference/tensor.ts";

/**
 * Check feeds against what the model declares; ONNX Runtime would take unknown extra inputs in silence.
 *
 * A spec without any dimension says nothing about the shape: ORT reports scalars and unknown ranks alike.
 *
 * @throws {InputError} `input.shape`, naming everything that does not fit.
 */
export function assertFeedsMatch(
  inputs: readonly TensorSpec[],
  feeds: Readonly<Record<string, Tensor>>,
): void {
  const problems: string[] = [];
  for (const spec of inputs) {
    const tensor = Object.hasOwn(feeds, spec.name) ? feeds[spec.name] : undefined;
    const problem = tensor === undefined ? `got nothing, expected ${describe(spec)}` : mismatch(spec, tensor);
    if (problem !== undefined) problems.push(`input "${spec.name}": ${problem}`);
  }
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((spec) => spec.name === name)) {
      problems.push(
        `input "${name}": the model has no such input, only ${inputs.map((spec) => spec.name).join(", ")}`,
      );
    }
  }
  if (problems.length === 0) return;
  throw new InputError(`${problems.join("\n")}; feed what the model declares`, {
    code: "input.shape",
    details: { problems },
  });
}

function mismatch(spec: TensorSpec, tensor: Tensor): string | undefined {
  if (tensor.type !== spec.type || !fits(spec, tensor.shape)) {
    return `got ${describe(tensor)}, expected ${describe(spec)}`;
  }
  const arrayType = tensor.type === "string" ? Array : numericArrays[tensor.type];
  if (!(tensor.data instanceof arrayType)) {
    return `got ${describe(tensor)} in a ${tensor.data.constructor.name}, expected a ${arrayType.name}`;
  }
  const size = tensor.shape.reduce((product, dimension) => product * dimension, 1);
  if (tensor.data.length !== size) {
    return `got ${tensor.data.length} elements, expected the ${size} of ${describe(tensor)}`;
  }
  return undefined;
}

function fits(spec: TensorSpec, shape: readonly number[]): boolean {
  if (!shape.every((size) => Number.isInteger(size) && size >= 0)) return false;
  if (spec.shape.length === 0) return true;
  return (
    spec.shape.length === shape.length &&
    spec.shape.every((size, axis) => size === null || size === shape[axis])
  );
}

function describe({ type, shape }: { type: TensorType; shape: readonly (number | null)[] }): string {
  return `${type} [${shape.map((size) => size ?? "any").join(", ")}]`;
}
