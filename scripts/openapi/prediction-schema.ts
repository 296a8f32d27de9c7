import type { ModelPackage } from "../../functions/contract/model-package.ts";
import type { Output } from "../../functions/contract/output.ts";
import type { TensorSpec } from "../../functions/core/inference/tensor.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The predictions of a model: `contract/prediction.ts` with the outputs that the package declares. */
export function predictionSchema(pkg: ModelPackage, tensors: readonly TensorSpec[]): JsonSchema {
  const outputs = Object.entries(pkg.outputs).map(
    ([name, output]) => [name, outputSchema(output, tensors)] as const,
  );
  return {
    type: "object",
    properties: {
      predictionId: { type: "string", description: "The same whenever the same event is predicted on." },
      model: { const: pkg.name },
      digest: { type: "string", pattern: "^[0-9a-f]{64}$", description: "The version that answered." },
      role: { enum: ["champion", "challenger"], description: "What the version that answered was." },
      eventId: { type: "string" },
      eventTime: { type: "string", format: "date-time" },
      outputs: {
        type: "object",
        properties: Object.fromEntries(outputs),
        required: outputs.map(([name]) => name),
        additionalProperties: false,
      },
    },
    required: ["predictionId", "model", "digest", "role", "eventId", "eventTime", "outputs"],
    additionalProperties: false,
  };
}

function outputSchema(output: Output, tensors: readonly TensorSpec[]): JsonSchema {
  if (!("from" in output)) return { enum: [...output.names] };
  const spec = tensors.find(({ name }) => name === output.from)!;
  const element = elementSchema(spec);
  if (output.index !== undefined) return element;
  const rest = spec.shape.slice(1);
  if (rest.includes(null)) return { anyOf: [element, { type: "array", items: element }] };
  const width = (rest as number[]).reduce((product, size) => product * size, 1);
  return width === 1 ? element : { type: "array", items: element, minItems: width, maxItems: width };
}

/** 64-bit integers that a JSON number does not keep are written as strings. */
function elementSchema({ type }: TensorSpec): JsonSchema {
  if (type === "string") return { type: "string" };
  if (type === "int64" || type === "uint64") return { type: ["integer", "string"] };
  return { type: "number" };
}
