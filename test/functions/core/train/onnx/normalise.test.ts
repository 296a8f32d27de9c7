import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { createOrtEngine } from "../../../../../functions/adapters/onnx/ort-engine.ts";
import type { Tensor } from "../../../../../functions/core/inference/tensor.ts";
import { buildModel, type NodeDefinition } from "../../../../../functions/core/train/onnx/build-model.ts";
import { normaliseModel } from "../../../../../functions/core/train/onnx/normalise.ts";
import {
  type ModelProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TypeProtoSchema,
} from "../../../../../functions/core/train/onnx/onnx_pb.ts";
import { describeModel } from "../../../../../scripts/onnx/describe-model.ts";
import { perceptronModel } from "../../../../../scripts/onnx/example-models.ts";
import { treeModel } from "../../../../../scripts/onnx/example-trees.ts";

/** XGBoost 1.7.4's classifier as a common converter writes it, ZipMap and all. */
const converted = gunzipSync(readFileSync(new URL("flight-delay-zipmap.onnx.gz", import.meta.url)));

/** Feature rows and XGBoost's own probabilities for them, computed outside of this project. */
const golden: readonly (readonly [features: readonly number[], probability: number])[] = [
  [[6, 3, 1005, 158, 131], 0.1074499562382698],
  [[6, 4, 1562, 25, 57], 0.11610206216573715],
  [[10, 5, 550, 191, 163], 0.2117369920015335],
  [[20, 6, 405, 130, 133], 0.11908314377069473],
  [[15, 1, 957, 131, 61], 0.19186162948608398],
  [[19, 2, 954, 190, 117], 0.3819050192832947],
  [[7, 4, 1536, 117, 148], 0.10290254652500153],
  [[15, 5, 446, 152, 182], 0.3701946437358856],
  [[8, 0, 946, 25, 9], 0.12105487287044525],
  [[16, 1, 937, 33, 190], 0.2489040195941925],
];

describe("a model with a ZipMap", () => {
  test("gives the probabilities of the library that trained it, under the name of the ZipMap's output", async () => {
    const { bytes, changes } = normaliseModel(converted);
    expect(changes).toEqual(['stripped ZipMap: output "probabilities" is now float32 [N, 2]']);
    const features = Float32Array.from(golden.flatMap(([row]) => row));
    const { probabilities } = await run(bytes, floats([golden.length, 5], features), ["probabilities"]);
    expect(probabilities?.shape).toEqual([golden.length, 2]);
    for (const [row, [, expected]] of golden.entries()) {
      expect(probabilities?.data[2 * row + 1]).toBeCloseTo(expected, 6);
    }
  });

  test("loses the ZipMap and nothing else", () => {
    const { bytes } = normaliseModel(converted);
    const before = describeModel(converted);
    const after = describeModel(bytes);
    expect(after.operators).toEqual(before.operators.filter(({ opType }) => opType !== "ZipMap"));
    expect(after.inputs).toEqual(before.inputs);
    expect(after.outputs).toEqual([
      { name: "label", type: "int64 [N]" },
      { name: "probabilities", type: "float32 [?, 2]" },
    ]);
  });

  test("is left alone once it is normalised", () => {
    const { bytes } = normaliseModel(converted);
    expect(normaliseModel(bytes).bytes).toBe(bytes);
  });

  test("keeps its scores' own output where there is one", async () => {
    const model = zipMapModel([softmax, zipMap("zipped", { ints: [7, 8, 9] })], ["scores", "zipped"]);
    const { bytes } = normaliseModel(model);
    const outputs = await run(bytes, floats([1, 3], [0, 0, 0]), ["scores", "zipped"]);
    expect(outputs.zipped).toEqual(outputs.scores);
    expect(outputs.zipped?.shape).toEqual([1, 3]);
  });

  test("keeps what else reads its scores", async () => {
    const double: NodeDefinition = {
      opType: "Add",
      inputs: ["scores", "scores"],
      outputs: ["double"],
    };
    const model = zipMapModel(
      [softmax, zipMap("zipped", { strings: ["a", "b", "c"] }), double],
      ["zipped", "double"],
    );
    const outputs = await run(normaliseModel(model).bytes, floats([1, 3], [0, 0, 0]), ["zipped", "double"]);
    expect(Array.from(outputs.double?.data as Float32Array)).toEqual(
      Array.from(outputs.zipped?.data as Float32Array, (score) => Math.fround(2 * score)),
    );
  });

  test("may zip an input of the model, and need no other operator", async () => {
    const model = zipMapModel([zipMap("zipped", { ints: [0, 1, 2] }, "logits")], ["zipped"], {
      "ai.onnx.ml": 1,
    });
    const { bytes } = normaliseModel(model);
    expect(describeModel(bytes).operators).toEqual([{ domain: "ai.onnx", opType: "Identity", version: 13 }]);
    const { zipped } = await run(bytes, floats([2, 3], [1, 2, 3, 4, 5, 6]), ["zipped"]);
    expect(zipped).toEqual(floats([2, 3], [1, 2, 3, 4, 5, 6]));
  });

  test("may zip the same scores twice", async () => {
    const nodes = [softmax, zipMap("first", { ints: [0, 1, 2] }), zipMap("second", { ints: [0, 1, 2] })];
    const { bytes, changes } = normaliseModel(zipMapModel(nodes, ["first", "second"]));
    expect(changes).toHaveLength(2);
    const { first, second } = await run(bytes, floats([1, 3], [1, 2, 3]), ["first", "second"]);
    expect(first).toEqual(second);
  });
});

describe("a model with nothing to change", () => {
  test.each([
    ["dense", perceptronModel()],
    ["trees", treeModel({ treeCount: 3 })],
  ])("comes back as the very same bytes: %s", (_, model) => {
    const { bytes, changes } = normaliseModel(model);
    expect(bytes).toBe(model);
    expect(changes).toEqual([]);
  });

  test("keeps a ZipMap whose maps another operator reads", () => {
    const model = zipMapModel(
      [
        softmax,
        zipMap("maps", { ints: [0, 1, 2] }),
        { opType: "Identity", inputs: ["maps"], outputs: ["out"] },
      ],
      ["out"],
    );
    expect(normaliseModel(model)).toEqual({ bytes: model, changes: [] });
  });
});

test("a changed model keeps fields that the schema does not know", () => {
  const unknown = Buffer.from([0xa2, 0x06, 0x02, 0x68, 0x69]); // field 100: "hi"
  const { bytes } = normaliseModel(Buffer.concat([converted, unknown]));
  expect(Buffer.from(bytes).includes(unknown)).toBe(true);
});

test("what converters write survives decoding and encoding byte for byte", () => {
  expect(Buffer.compare(toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, converted)), converted)).toBe(
    0,
  );
});

describe("a file that cannot be served", () => {
  test.each([
    ["is empty", new Uint8Array()],
    ["is text", new TextEncoder().encode('{"name":"flight-delay"}')],
    ["is cut short", converted.subarray(0, converted.length - 100)],
  ])("is refused when it %s", (_, bytes) => {
    expect(() => normaliseModel(bytes)).toThrow(
      expect.objectContaining({ name: "ModelArtifactError", code: "model.package" }),
    );
  });

  test("is refused when it nests so deep that reading it would exhaust the stack", () => {
    expect(() => normaliseModel(nestedGraphs(100_000))).toThrow(
      expect.objectContaining({ name: "ModelArtifactError", code: "model.package" }),
    );
  });

  test("is refused when it keeps tensors in files of their own", () => {
    const model = parsed(perceptronModel());
    const tensor = model.graph!.initializer[0]!;
    tensor.dataLocation = 1;
    tensor.externalData.push(create(StringStringEntryProtoSchema, { key: "location", value: "/etc/passwd" }));
    expect(() => normaliseModel(toBinary(ModelProtoSchema, model))).toThrow(
      /1 tensors in files beside the model \(weights1\)/,
    );
  });
});

const softmax: NodeDefinition = { opType: "Softmax", inputs: ["logits"], outputs: ["scores"] };

function zipMap(
  output: string,
  labels: { ints: number[] } | { strings: string[] },
  input = "scores",
): NodeDefinition {
  const name = "ints" in labels ? "classlabels_int64s" : "classlabels_strings";
  return {
    opType: "ZipMap",
    domain: "ai.onnx.ml",
    inputs: [input],
    outputs: [output],
    attributes: { [name]: labels },
  };
}

/** `logits` float32 [N, 3] through `nodes`; an output that a ZipMap writes is declared as a list of maps, as converters do. */
function zipMapModel(
  nodes: readonly NodeDefinition[],
  outputs: readonly string[],
  opsets?: Record<string, number>,
): Uint8Array {
  const type = "float32";
  const model = parsed(
    buildModel({
      inputs: [{ name: "logits", type, shape: ["N", 3] }],
      outputs: outputs.map((name) => ({ name, type, shape: ["N", 3] })),
      nodes,
      opsets,
    }),
  );
  for (const output of model.graph!.output) {
    if (!nodes.some((node) => node.opType === "ZipMap" && node.outputs.includes(output.name))) continue;
    const valueType = { value: { case: "tensorType", value: { elemType: 1 } } } as const;
    const elemType = { value: { case: "mapType", value: { keyType: 7, valueType } } } as const;
    output.type = create(TypeProtoSchema, { value: { case: "sequenceType", value: { elemType } } });
  }
  return toBinary(ModelProtoSchema, model);
}

function parsed(model: Uint8Array): ModelProto {
  return fromBinary(ModelProtoSchema, model);
}

/** A graph within a node's attribute within a graph …, written from the inside out. */
function nestedGraphs(depth: number): Uint8Array {
  const parts: Buffer[] = [];
  let size = 0;
  const wrap = (field: number) => {
    const header = Buffer.concat([varint((field << 3) | 2), varint(size)]);
    parts.push(header);
    size += header.length;
  };
  for (let level = 0; level < depth; level++) {
    wrap(6); // AttributeProto.g
    wrap(5); // NodeProto.attribute
    wrap(1); // GraphProto.node
  }
  wrap(7); // ModelProto.graph
  return Buffer.concat(parts.reverse());
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

async function run(
  model: Uint8Array,
  input: Tensor,
  outputs: readonly string[],
): Promise<Readonly<Record<string, Tensor>>> {
  const session = await createOrtEngine({ memoryMiB: 1769 }).createSession(model);
  try {
    return await session.run({ [session.inputs[0]!.name]: input }, outputs);
  } finally {
    await session.release();
  }
}

function floats(shape: readonly number[], values: ArrayLike<number>): Tensor {
  return { type: "float32", shape, data: Float32Array.from(values) };
}
