import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { buildModel } from "../../../functions/core/train/onnx/build-model.ts";
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
} from "../../../functions/core/train/onnx/onnx_pb.ts";
import { parseModel } from "../../../functions/core/train/onnx/parse-model.ts";
import { describeModel, listOperators } from "../../../scripts/onnx/describe-model.ts";
import { embeddingModel, perceptronModel } from "../../../scripts/onnx/example-models.ts";
import { treeModel } from "../../../scripts/onnx/example-trees.ts";

test("a model is described by its inputs, outputs and operators, each once and sorted", () => {
  expect(describeModel(perceptronModel())).toEqual({
    operators: [
      { domain: "ai.onnx", opType: "Gemm", version: 17 },
      { domain: "ai.onnx", opType: "Relu", version: 17 },
      { domain: "ai.onnx", opType: "Sigmoid", version: 17 },
    ],
    inputs: [{ name: "features", type: "float32 [N, 30]" }],
    outputs: [{ name: "score", type: "float32 [N, 1]" }],
  });
  expect(describeModel(embeddingModel()).inputs).toEqual([{ name: "embedding", type: "float32 [N, 4, 8]" }]);
});

test("operators of another domain come with its own version", () => {
  expect(listOperators(treeModel({ treeCount: 1 }))).toEqual([
    { domain: "ai.onnx.ml", opType: "TreeEnsembleClassifier", version: 1 },
  ]);
});

test("constants that an old model lists among its inputs are not shown as such", () => {
  const model = changed(perceptronModel(), ({ graph }) => {
    graph!.input.push(create(ValueInfoProtoSchema, { name: "weights1" }));
  });
  expect(describeModel(model).inputs.map(({ name }) => name)).toEqual(["features"]);
});

test("operators in branches and in the model's own functions count; calls of those functions do not", () => {
  const model = changed(identity(), (proto) => {
    const branch = { node: [{ opType: "Erf" }], output: [{ name: "y" }] };
    const attribute = [create(AttributeProtoSchema, { name: "then_branch", g: branch })];
    proto.graph!.node.push(
      create(NodeProtoSchema, { opType: "If", attribute }),
      create(NodeProtoSchema, { opType: "Twice", domain: "own" }),
    );
    proto.functions.push(
      create(FunctionProtoSchema, {
        name: "Twice",
        domain: "own",
        node: [{ opType: "Add" }],
        opsetImport: [{ domain: "", version: 14n }],
      }),
    );
  });
  expect(listOperators(model)).toEqual([
    { domain: "ai.onnx", opType: "Add", version: 14 },
    { domain: "ai.onnx", opType: "Erf", version: 17 },
    { domain: "ai.onnx", opType: "Identity", version: 17 },
    { domain: "ai.onnx", opType: "If", version: 17 },
  ]);
});

test("an operator of a domain that the model does not import has no version", () => {
  const model = changed(identity(), ({ graph }) => {
    graph!.node.push(create(NodeProtoSchema, { opType: "FusedMatMul", domain: "com.microsoft" }));
  });
  expect(listOperators(model)).toContainEqual({
    domain: "com.microsoft",
    opType: "FusedMatMul",
    version: null,
  });
});

test("a model above the size limit is refused before it is read", () => {
  expect(() => parseModel(identity(), 10)).toThrow(/got \d+ bytes, expected at most 10/);
});

function identity(): Uint8Array {
  const value = { type: "float32" as const, shape: ["N"] };
  return buildModel({
    inputs: [{ name: "x", ...value }],
    outputs: [{ name: "y", ...value }],
    nodes: [{ opType: "Identity", inputs: ["x"], outputs: ["y"] }],
  });
}

function changed(model: Uint8Array, change: (proto: ModelProto) => void): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, model);
  change(proto);
  return toBinary(ModelProtoSchema, proto);
}
