import type { TensorType } from "../../inference/tensor.ts";

/** TensorProto.DataType, for the types that a tensor of ours may have. */
export const elementTypes: Readonly<Record<TensorType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

/** AttributeProto.AttributeType */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

/** Name of a TensorProto.DataType; types that no tensor of ours has are given by number. */
export function elementTypeName(type: number): string {
  const known = Object.entries(elementTypes).find(([, number]) => number === type);
  return known?.[0] ?? `onnx type ${type}`;
}

/** TensorProto.DataLocation: the tensor's data is in a file beside the model. */
export const externalData = 1;

/** Domain of the tree ensembles, ZipMap and the like; the standard operators' domain is the empty string. */
export const mlDomain = "ai.onnx.ml";
