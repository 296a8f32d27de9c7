import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { ModelRunError } from "../../functions/core/errors.ts";
import type { ModelSession } from "../../functions/core/inference/model-session.ts";
import type { Tensor, TensorData, TensorSpec, TensorType } from "../../functions/core/inference/tensor.ts";
import type { Problem } from "./problem.ts";

const rows = 2;

/**
 * Run two rows of zeros through a model that has no samples, to see that it runs at all and keeps rows apart.
 *
 * Skipped for a model whose input sizes are not all declared: there is nothing to size the zeros by.
 */
export async function trialRun(declared: ModelPackage, session: ModelSession): Promise<Problem[]> {
  const feeds: Record<string, Tensor> = {};
  for (const spec of session.inputs) {
    const zeros = zeroRows(spec);
    if (zeros === undefined) return [];
    feeds[spec.name] = zeros;
  }
  const wanted = Object.values(declared.outputs).flatMap((output) => ("from" in output ? [output.from] : []));
  try {
    const results = await session.run(feeds, [...new Set(wanted)]);
    return Object.entries(results)
      .filter(([, { shape }]) => shape[0] !== rows)
      .map(([name, { shape }]) => ({
        file: "model.onnx",
        message: `output "${name}": got the shape [${shape.join(", ")}] for ${rows} rows, expected the first dimension to be ${rows}; export the model with a variable first dimension`,
      }));
  } catch (error) {
    if (!(error instanceof ModelRunError)) throw error;
    return [{ file: "model.onnx", message: `fails on ${rows} rows of zeros: ${error.message}` }];
  }
}

function zeroRows({ type, shape }: TensorSpec): Tensor | undefined {
  const [, ...rest] = shape;
  if (type === "string" || shape.length === 0 || rest.some((size) => size === null)) return undefined;
  const sizes = [rows, ...(rest as number[])];
  const length = sizes.reduce((product, size) => product * size, 1);
  return { type, shape: sizes, data: zeroData[type](length) };
}

const zeroData: Readonly<Record<Exclude<TensorType, "string">, (length: number) => TensorData>> = {
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
  int8: (length) => new Int8Array(length),
  uint8: (length) => new Uint8Array(length),
  int16: (length) => new Int16Array(length),
  uint16: (length) => new Uint16Array(length),
  int32: (length) => new Int32Array(length),
  uint32: (length) => new Uint32Array(length),
  int64: (length) => new BigInt64Array(length),
  uint64: (length) => new BigUint64Array(length),
  bool: (length) => new Uint8Array(length),
};
