import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Tensor, TensorType } from "../../inference/tensor.ts";
import {
  type AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "./onnx_pb.ts";
import { attributeTypes, elementTypes } from "./onnx-types.ts";

export interface ModelDefinition {
  readonly inputs: readonly ValueDefinition[];
  readonly outputs: readonly ValueDefinition[];
  readonly nodes: readonly NodeDefinition[];
  /** Constant tensors, by name. */
  readonly initialisers?: Readonly<Record<string, Tensor>>;
  /** Versions of the operator sets, by domain. @default {@link defaultOpsets} */
  readonly opsets?: Readonly<Record<string, number>>;
}

export interface ValueDefinition {
  readonly name: string;
  readonly type: TensorType;
  /** A string names a variable dimension. */
  readonly shape: readonly (number | string)[];
}

export interface NodeDefinition {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** @default the standard operators' */
  readonly domain?: string;
}

/** An attribute's value under the name of its ONNX type: `1` alone could be a float or an int. */
export type AttributeValue =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly string: string }
  | { readonly floats: ArrayLike<number> }
  | { readonly ints: ArrayLike<number> }
  | { readonly strings: readonly string[] }
  | { readonly tensor: Tensor };

/** Operator sets every ONNX Runtime since 1.15 has. */
export const defaultOpsets: Readonly<Record<string, number>> = { "": 17, "ai.onnx.ml": 3 };

/** Write an ONNX model (IR version 8); equal definitions give equal bytes. */
export function buildModel(definition: ModelDefinition): Uint8Array {
  const { inputs, outputs, nodes, initialisers = {}, opsets = defaultOpsets } = definition;
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "headrace",
    opsetImport: Object.entries(opsets).map(([domain, version]) => ({ domain, version: BigInt(version) })),
    graph: {
      name: "graph",
      node: nodes.map(nodeProto),
      initializer: Object.entries(initialisers).map(([name, tensor]) => ({ ...tensorProto(tensor), name })),
      input: inputs.map(valueProto),
      output: outputs.map(valueProto),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

function nodeProto(node: NodeDefinition): MessageInitShape<typeof NodeProtoSchema> {
  const { opType, inputs, outputs, attributes = {}, domain } = node;
  return {
    opType,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => ({ ...attributeProto(value), name })),
    ...(domain !== undefined && { domain }),
  };
}

function attributeProto(value: AttributeValue): MessageInitShape<typeof AttributeProtoSchema> {
  if ("float" in value) return { type: attributeTypes.float, f: value.float };
  if ("int" in value) return { type: attributeTypes.int, i: BigInt(value.int) };
  if ("string" in value) return { type: attributeTypes.string, s: utf8(value.string) };
  if ("floats" in value) return { type: attributeTypes.floats, floats: Array.from(value.floats) };
  if ("ints" in value) return { type: attributeTypes.ints, ints: Array.from(value.ints, BigInt) };
  if ("strings" in value) return { type: attributeTypes.strings, strings: value.strings.map(utf8) };
  return { type: attributeTypes.tensor, t: tensorProto(value.tensor) };
}

function valueProto({ name, type, shape }: ValueDefinition): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) =>
    typeof size === "string"
      ? { value: { case: "dimParam" as const, value: size } }
      : { value: { case: "dimValue" as const, value: BigInt(size) } },
  );
  return {
    name,
    type: { value: { case: "tensorType", value: { elemType: elementTypes[type], shape: { dim } } } },
  };
}

function tensorProto({ type, shape, data }: Tensor): MessageInitShape<typeof TensorProtoSchema> {
  const header = { dataType: elementTypes[type], dims: shape.map(BigInt) };
  if (!ArrayBuffer.isView(data)) return { ...header, stringData: data.map(utf8) };
  // ONNX stores little-endian, which is what every machine that Node runs on has in memory.
  return { ...header, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
