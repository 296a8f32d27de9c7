import { fromBinary } from "@bufbuild/protobuf";
import { ModelArtifactError } from "../../errors.ts";
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto } from "./onnx_pb.ts";

/** Greatest model that is read, in bytes: well above what fits a function, well below what a parse can hold. */
export const maxModelBytes = 512 * 1024 * 1024;

/** A model that has a graph. */
export type ParsedModel = ModelProto & { graph: GraphProto };

/**
 * Parse an ONNX model; fields that the schema does not know are kept.
 *
 * @throws {ModelArtifactError} `model.package` when it is too large, no ONNX model, or without a graph.
 */
export function parseModel(bytes: Uint8Array, maxBytes = maxModelBytes): ParsedModel {
  if (bytes.byteLength > maxBytes) {
    throw notAModel(`${bytes.byteLength} bytes`, `at most ${maxBytes}`);
  }
  const model = decode(bytes);
  const { graph } = model;
  if (graph === undefined || graph.output.length === 0) {
    throw notAModel(`${bytes.byteLength} bytes without a graph that has outputs`, "an onnx model");
  }
  return Object.assign(model, { graph });
}

function decode(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw notAModel(`${bytes.byteLength} bytes that are no protobuf of one`, "an onnx model", cause);
  }
}

function notAModel(got: string, allowed: string, cause?: unknown): ModelArtifactError {
  return new ModelArtifactError(
    `model.onnx: got ${got}, expected ${allowed}; export the model again in the onnx format`,
    { code: "model.package", cause },
  );
}

/** A graph and all graphs nested in the attributes of its nodes (branches, loop bodies), outermost first. */
export function* graphsWithin(graph: GraphProto): Generator<GraphProto> {
  yield graph;
  yield* graphsOf(graph.node);
}

/** All graphs nested in the attributes of these nodes, at any depth. */
export function* graphsOf(nodes: readonly NodeProto[]): Generator<GraphProto> {
  for (const node of nodes) {
    for (const attribute of node.attribute) {
      if (attribute.g !== undefined) yield* graphsWithin(attribute.g);
      for (const graph of attribute.graphs) yield* graphsWithin(graph);
    }
  }
}
