import { createOrtEngine } from "../../../../../functions/adapters/onnx/ort-engine.ts";
import type { NumericArray } from "../../../../../functions/core/inference/tensor.ts";

/** Run a model of trees in ONNX Runtime on row-major rows, on one thread as in a Lambda function. */
export async function runOnnx(
  model: Uint8Array,
  rows: Float32Array,
  featureCount: number,
): Promise<Readonly<Record<string, NumericArray>>> {
  const session = await createOrtEngine({ memoryMiB: 1769, threads: 1 }).createSession(model);
  try {
    const names = session.outputs.map(({ name }) => name);
    const shape = [rows.length / featureCount, featureCount];
    const outputs = await session.run({ features: { type: "float32", shape, data: rows } }, names);
    return Object.fromEntries(
      // A copy: the session may use its memory again.
      names.map((name) => [name, (outputs[name]!.data as NumericArray).slice()]),
    );
  } finally {
    await session.release();
  }
}
