import type * as Ort from "onnxruntime-node";
import { InvariantError, ModelArtifactError, ModelRunError } from "../../core/errors.ts";
import type { ModelSession } from "../../core/inference/model-session.ts";
import type { Tensor, TensorData, TensorSpec, TensorType } from "../../core/inference/tensor.ts";
import { assertFeedsMatch } from "./feed-check.ts";

/**
 * Put ONNX Runtime's session behind the port.
 *
 * @throws {ModelArtifactError} `model.package` when an input or output is no tensor of a type that we carry.
 */
export function createOrtSession(ort: typeof Ort, session: Ort.InferenceSession): ModelSession {
  const inputs = tensorSpecs("input", session.inputMetadata);
  const outputs = tensorSpecs("output", session.outputMetadata);
  const outputsByName = new Map(outputs.map((spec) => [spec.name, spec]));
  let released: Promise<void> | undefined;

  return {
    inputs,
    outputs,
    async run(feeds, outputNames) {
      if (released !== undefined)
        throw new InvariantError("session: run after release; load the model again");
      assertOutputsExist(outputNames, outputsByName);
      assertFeedsMatch(inputs, feeds);
      const results = await runOnce(ort, session, feeds, outputNames);
      return Object.fromEntries(outputNames.map((name) => [name, fromOrt(name, results[name])]));
    },
    release() {
      released ??= session.release();
      return released;
    },
  };
}

/** Fatal errors only: a failed run is thrown, and isolating its rows would print it again and again. */
const runOptions: Ort.InferenceSession.RunOptions = { logSeverityLevel: 4 };

async function runOnce(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  feeds: Readonly<Record<string, Tensor>>,
  outputNames: readonly string[],
): Promise<Ort.InferenceSession.OnnxValueMapType> {
  const values: Record<string, Ort.Tensor> = {};
  for (const [name, tensor] of Object.entries(feeds)) values[name] = toOrt(ort, tensor);
  try {
    return await session.run(values, outputNames, runOptions);
  } catch (cause) {
    const shapes = Object.entries(feeds).map(([name, { shape }]) => `${name} [${shape.join(", ")}]`);
    throw new ModelRunError(
      `model: the run failed on ${shapes.join(", ")}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { code: "run.failed", details: { feeds: shapes }, cause },
    );
  }
}

function assertOutputsExist(wanted: readonly string[], outputs: ReadonlyMap<string, TensorSpec>): void {
  const unknown = wanted.filter((name) => !outputs.has(name));
  if (unknown.length === 0 && wanted.length > 0) return;
  const allowed = [...outputs.keys()];
  throw new ModelRunError(
    `model outputs: got [${wanted.join(", ")}], expected at least one of [${allowed.join(", ")}]; ask for outputs that the model has`,
    { code: "run.output", details: { unknown, allowed } },
  );
}

/** The one place where our tensors meet ORT's: the same names, layouts and typed arrays, so no copy. */
function toOrt(ort: typeof Ort, { type, data, shape }: Tensor): Ort.Tensor {
  return new ort.Tensor(type as "float32", data as Float32Array, shape);
}

function fromOrt(name: string, value: Ort.OnnxValue | undefined): Tensor {
  if (value === undefined || !isCarried(value.type)) {
    throw new InvariantError(
      `output "${name}": onnx runtime gave ${value?.type ?? "nothing"} after declaring a tensor we carry`,
    );
  }
  return { type: value.type, shape: value.dims, data: value.data as TensorData };
}

const carriedTypes: ReadonlySet<string> = new Set<TensorType>([
  "float32",
  "float64",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bool",
  "string",
]);

function isCarried(type: string): type is TensorType {
  return carriedTypes.has(type);
}

function tensorSpecs(
  kind: "input" | "output",
  metadata: readonly Ort.InferenceSession.ValueMetadata[],
): readonly TensorSpec[] {
  const refusals = metadata.flatMap((value) => refusal(kind, value));
  if (refusals.length > 0) {
    throw new ModelArtifactError(refusals.join("\n"), { code: "model.package", details: { refusals } });
  }
  return metadata.map((value) => {
    if (!value.isTensor || !isCarried(value.type))
      throw new InvariantError(`${kind} "${value.name}" slipped through`);
    return {
      name: value.name,
      type: value.type,
      shape: value.shape.map((size) => (typeof size === "number" ? size : null)),
    };
  });
}

function refusal(kind: "input" | "output", value: Ort.InferenceSession.ValueMetadata): string[] {
  const allowed = `expected a tensor of ${[...carriedTypes].join(", ")}`;
  if (!value.isTensor) {
    return [
      `model ${kind} "${value.name}": got a sequence or map (as ZipMap makes), ${allowed}; publish the model through publish-model, which strips ZipMap, or export it without`,
    ];
  }
  if (isCarried(value.type)) return [];
  return [
    `model ${kind} "${value.name}": got a tensor of ${value.type}, ${allowed}; add a Cast to the model`,
  ];
}
