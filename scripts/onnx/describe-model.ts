import type {
  FunctionProto,
  NodeProto,
  OperatorSetIdProto,
  TypeProto,
  ValueInfoProto,
} from "../../functions/core/train/onnx/onnx_pb.ts";
import { elementTypeName } from "../../functions/core/train/onnx/onnx-types.ts";
import {
  graphsOf,
  graphsWithin,
  type ParsedModel,
  parseModel,
} from "../../functions/core/train/onnx/parse-model.ts";

export interface Operator {
  /** `ai.onnx` for the standard operators. */
  readonly domain: string;
  readonly opType: string;
  /** Version of the domain's operator set that the model imports; `null` where it imports none, which is a defect. */
  readonly version: number | null;
}

export interface ModelValue {
  readonly name: string;
  /** For people, e.g. `float32 [N, 5]` or `sequence of map from int64 to float32`. */
  readonly type: string;
}

export interface ModelDescription {
  readonly operators: readonly Operator[];
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
}

/**
 * Read what a model takes, gives and is made of, for messages and listings.
 *
 * @throws {ModelArtifactError} `model.package` when it is no ONNX model.
 */
export function describeModel(bytes: Uint8Array): ModelDescription {
  const model = parseModel(bytes);
  const { graph } = model;
  // Up to IR version 3 the initialisers were listed as inputs too.
  const constants = new Set(graph.initializer.map(({ name }) => name));
  return {
    operators: operatorsOf(model),
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map(describeValue),
    outputs: graph.output.map(describeValue),
  };
}

/** List the operators a model needs of the runtime, each once and sorted: not the functions it brings itself. */
export function listOperators(bytes: Uint8Array): Operator[] {
  return operatorsOf(parseModel(bytes));
}

function operatorsOf(model: ParsedModel): Operator[] {
  const own = new Set(model.functions.map((each) => functionKey(each.domain, each.name)));
  const found = new Map<string, Operator>();
  const scopes = [
    { nodes: [...graphsWithin(model.graph)].flatMap((graph) => graph.node), imports: model.opsetImport },
    ...model.functions.map((each) => ({ nodes: nodesOf(each), imports: each.opsetImport })),
  ];
  for (const { nodes, imports } of scopes) {
    for (const { domain, opType } of nodes) {
      if (own.has(functionKey(domain, opType))) continue;
      const version = importedVersion(imports, domain);
      found.set(`${functionKey(domain, opType)}@${version}`, {
        domain: standardised(domain),
        opType,
        version,
      });
    }
  }
  return [...found.keys()].sort().map((key) => found.get(key)!);
}

function nodesOf({ node }: FunctionProto): NodeProto[] {
  return [...node, ...[...graphsOf(node)].flatMap((graph) => graph.node)];
}

function functionKey(domain: string, name: string): string {
  return `${standardised(domain)}:${name}`;
}

function importedVersion(imports: readonly OperatorSetIdProto[], domain: string): number | null {
  const found = imports.find((each) => standardised(each.domain) === standardised(domain));
  return found === undefined ? null : Number(found.version);
}

function standardised(domain: string): string {
  return domain === "" ? "ai.onnx" : domain;
}

function describeValue({ name, type }: ValueInfoProto): ModelValue {
  return { name, type: describeType(type) };
}

function describeType(type: TypeProto | undefined): string {
  const value = type?.value;
  switch (value?.case) {
    case "tensorType":
    case "sparseTensorType": {
      const { elemType, shape } = value.value;
      const dimensions = shape?.dim.map((dim) => String(dim.value.value ?? "?")).join(", ") ?? "any shape";
      const prefix = value.case === "tensorType" ? "" : "sparse ";
      return `${prefix}${elementTypeName(elemType)} [${dimensions}]`;
    }
    case "sequenceType":
      return `sequence of ${describeType(value.value.elemType)}`;
    case "optionalType":
      return `optional ${describeType(value.value.elemType)}`;
    case "mapType":
      return `map from ${elementTypeName(value.value.keyType)} to ${describeType(value.value.valueType)}`;
    case "opaqueType":
      return `opaque ${value.value.domain}.${value.value.name}`;
    default:
      return "an undeclared type";
  }
}
