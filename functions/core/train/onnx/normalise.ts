import { create, toBinary } from "@bufbuild/protobuf";
import { ModelArtifactError } from "../../errors.ts";
import {
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TypeProto,
  TypeProtoSchema,
  type ValueInfoProto,
} from "./onnx_pb.ts";
import { elementTypes, externalData, mlDomain } from "./onnx-types.ts";
import { graphsWithin, type ParsedModel, parseModel } from "./parse-model.ts";

/**
 * Make a model fit to be served by onnxruntime-node, changing as little as possible.
 *
 * A ZipMap at an output (the converters' default: a list of maps from label to probability, which onnxruntime-node cannot
 * hand over) gives way to its input; the output keeps its name and becomes float32 [N, classes]. Nothing else is touched.
 *
 * @returns the very same bytes when there is nothing to change, and one line per change.
 * @throws {ModelArtifactError} `model.package` when it is no ONNX model, or keeps tensors in files beside it.
 */
export function normaliseModel(bytes: Uint8Array): { bytes: Uint8Array; changes: string[] } {
  const model = parseModel(bytes);
  assertSelfContained(model.graph);
  const changes = model.graph.node.filter(isZipMap).flatMap((node) => stripZipMap(model, node) ?? []);
  if (changes.length === 0) return { bytes, changes };
  return { bytes: toBinary(ModelProtoSchema, model), changes };
}

function isZipMap(node: NodeProto): boolean {
  return node.opType === "ZipMap" && node.domain === mlDomain;
}

function stripZipMap(model: ParsedModel, zipMap: NodeProto): string | undefined {
  const { graph } = model;
  const [input] = zipMap.input;
  const output = graph.output.find(({ name }) => name === zipMap.output[0]);
  // Inside a graph its maps may feed an operator that wants them.
  if (input === undefined || output === undefined) return undefined;
  const classCount = countClasses(zipMap);
  const at = graph.node.indexOf(zipMap);
  const producer = graph.node.find((node) => node.output.includes(input));
  if (producer !== undefined && isReadOnlyBy(zipMap, input, graph)) {
    producer.output = producer.output.map((name) => (name === input ? output.name : name));
    graph.node.splice(at, 1);
  } else {
    // Others know the tensor by its own name, so it needs a second one.
    graph.node[at] = create(NodeProtoSchema, { opType: "Identity", input: [input], output: [output.name] });
    importStandardOperators(model);
  }
  output.type = scoresType(graph, input, classCount);
  graph.valueInfo = graph.valueInfo.filter(
    ({ name }) => name !== output.name && (name !== input || isKnown(graph, input)),
  );
  return `stripped ZipMap: output "${output.name}" is now float32 [N, ${classCount}]`;
}

function countClasses(zipMap: NodeProto): number {
  const labels = zipMap.attribute.map(({ strings, ints }) => Math.max(strings.length, ints.length));
  return Math.max(0, ...labels);
}

function isReadOnlyBy(reader: NodeProto, name: string, graph: GraphProto): boolean {
  for (const { node, output } of graphsWithin(graph)) {
    if (output.some((value) => value.name === name)) return false;
    if (node.some((other) => other !== reader && other.input.includes(name))) return false;
  }
  return true;
}

function isKnown(graph: GraphProto, name: string): boolean {
  return graph.node.some((node) => node.output.includes(name));
}

/** The type declared for the scores, or [any, classes]; an unnamed dimension cannot contradict a named one. */
function scoresType(graph: GraphProto, input: string, classCount: number): TypeProto {
  const declared = valuesOf(graph).find(({ name }) => name === input)?.type;
  if (declared?.value.case === "tensorType") return declared;
  const shape = { dim: [{}, { value: { case: "dimValue", value: BigInt(classCount) } as const }] };
  return create(TypeProtoSchema, {
    value: { case: "tensorType", value: { elemType: elementTypes.float32, shape } },
  });
}

function valuesOf(graph: GraphProto): ValueInfoProto[] {
  return [...graph.valueInfo, ...graph.output, ...graph.input];
}

/** A model of tree operators alone need not import the standard ones; Identity is the same since the first. */
function importStandardOperators(model: ParsedModel): void {
  if (model.opsetImport.some(({ domain }) => domain === "" || domain === "ai.onnx")) return;
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "", version: 13n }));
}

function assertSelfContained(graph: GraphProto): void {
  const outside = [...graphsWithin(graph)]
    .flatMap(({ initializer, node }) => [
      ...initializer,
      ...node.flatMap(({ attribute }) =>
        attribute.flatMap(({ t, tensors }) => [...(t ? [t] : []), ...tensors]),
      ),
    ])
    .filter((tensor) => tensor.dataLocation === externalData)
    .map((tensor) => tensor.name);
  if (outside.length === 0) return;
  throw new ModelArtifactError(
    `model.onnx: got ${outside.length} tensors in files beside the model (${outside.slice(0, 5).join(", ")}), expected all of them inside; export the model without external data`,
    { code: "model.package", details: { tensors: outside } },
  );
}
