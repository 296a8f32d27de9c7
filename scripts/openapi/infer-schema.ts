import { httpLimits } from "../../functions/contract/http.ts";
import type { InputLayout } from "../../functions/core/features/row-layout.ts";
import type { TensorSpec, TensorType } from "../../functions/core/inference/tensor.ts";
import { elementJson } from "../../functions/core/protocol/element-json.ts";
import type { JsonSchema } from "./json-schema.ts";

const parameters: JsonSchema = {
  type: "object",
  additionalProperties: { type: ["string", "number", "boolean"] },
  maxProperties: httpLimits.names,
};

/** Requests of the Open Inference Protocol for one model: each of its inputs, with rows of its own shape. */
export function inferRequestSchema(
  inputs: readonly InputLayout[],
  outputs: readonly TensorSpec[],
): JsonSchema {
  return {
    type: "object",
    properties: {
      id: { type: "string", maxLength: httpLimits.nameLength, description: "Comes back with the answer." },
      parameters: {
        ...parameters,
        properties: {
          entity: {
            type: ["string", "number"],
            description:
              "What the rows are about: the same entity is answered by the same version while a challenger is on. The id stands for it where it is absent.",
          },
        },
      },
      inputs: {
        type: "array",
        items: { anyOf: inputs.map(inputSchema) },
        minItems: inputs.length,
        maxItems: inputs.length,
      },
      outputs: {
        type: "array",
        description: "The outputs wanted; all of them where there are none here.",
        items: {
          type: "object",
          properties: { name: { enum: outputs.map(({ name }) => name) }, parameters },
          required: ["name"],
        },
      },
    },
    required: ["inputs"],
  };
}

function inputSchema({ name, type, rowShape }: InputLayout): JsonSchema {
  const element = elementSchemas[type];
  const nested = rowShape.reduceRight<JsonSchema>(
    (items, length) => ({ type: "array", items, minItems: length, maxItems: length }),
    element,
  );
  const flat = { type: "array", items: element, minItems: 1 };
  return {
    type: "object",
    properties: {
      name: { const: name },
      shape: {
        type: "array",
        prefixItems: [
          {
            type: "integer",
            minimum: 1,
            maximum: httpLimits.rows,
            description: "Rows: the same of every input.",
          },
          ...rowShape.map((size) => ({ const: size })),
        ],
        minItems: rowShape.length + 1,
        maxItems: rowShape.length + 1,
      },
      datatype: { const: elementJson[type].datatype },
      parameters,
      data: {
        description: "Flat and row-major, or nested by the shape.",
        ...(rowShape.length === 0 ? flat : { anyOf: [flat, { type: "array", items: nested, minItems: 1 }] }),
      },
    },
    required: ["name", "shape", "datatype", "data"],
  };
}

function whole(minimum: number, maximum: number): JsonSchema {
  return { type: "integer", minimum, maximum };
}

/** Beyond 2^53 JSON readers round, so integers of 64 bits may be sent as strings of their digits too. */
const wide: JsonSchema = { type: ["integer", "string"], pattern: "^-?[0-9]{1,20}$" };

const elementSchemas: Readonly<Record<TensorType, JsonSchema>> = {
  float32: { type: "number" },
  float64: { type: "number" },
  int8: whole(-128, 127),
  uint8: whole(0, 255),
  int16: whole(-32_768, 32_767),
  uint16: whole(0, 65_535),
  int32: whole(-2_147_483_648, 2_147_483_647),
  uint32: whole(0, 4_294_967_295),
  int64: wide,
  uint64: wide,
  bool: { type: "boolean" },
  string: { type: "string" },
};
