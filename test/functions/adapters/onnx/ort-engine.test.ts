import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { afterEach, describe, expect, test } from "vitest";
import {
  createOrtEngine,
  identityModel,
  ortSessionOptions,
} from "../../../../functions/adapters/onnx/ort-engine.ts";
import { HeadraceError } from "../../../../functions/core/errors.ts";
import type { ModelSession } from "../../../../functions/core/inference/model-session.ts";
import type { Tensor, TensorType } from "../../../../functions/core/inference/tensor.ts";
import {
  buildModel,
  type NodeDefinition,
  type ValueDefinition,
} from "../../../../functions/core/train/onnx/build-model.ts";
import {
  ModelProtoSchema,
  type TypeProtoSchema,
  ValueInfoProtoSchema,
} from "../../../../functions/core/train/onnx/onnx_pb.ts";
import { elementTypes } from "../../../../functions/core/train/onnx/onnx-types.ts";
import { describeModel } from "../../../../scripts/onnx/describe-model.ts";
import { tableModel } from "../../../../scripts/onnx/example-models.ts";

const engine = createOrtEngine({ memoryMiB: 1769 });
const sessions: ModelSession[] = [];

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.release();
});

async function open(model: Uint8Array): Promise<ModelSession> {
  const session = await engine.createSession(model);
  sessions.push(session);
  return session;
}

async function failure(promise: Promise<unknown>): Promise<HeadraceError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HeadraceError)) throw new Error(`expected an error of ours, got ${error}`);
  return error;
}

function floats(shape: readonly number[], values: readonly number[]): Tensor {
  return { type: "float32", shape, data: Float32Array.from(values) };
}

/** y = x, of any type and rank two. */
function identityOf(type: TensorType): Uint8Array {
  const shape = ["N", 2];
  return buildModel({
    inputs: [{ name: "x", type, shape }],
    outputs: [{ name: "y", type, shape }],
    nodes: [{ opType: "Identity", inputs: ["x"], outputs: ["y"] }],
  });
}

/** sum = a + b and difference = a - b, both float32 [N, 2]. */
const twoByTwo = (name: string) => ({ name, type: "float32" as const, shape: ["N", 2] });
const arithmetic = buildModel({
  inputs: [twoByTwo("a"), twoByTwo("b")],
  outputs: [twoByTwo("sum"), twoByTwo("difference")],
  nodes: [
    { opType: "Add", inputs: ["a", "b"], outputs: ["sum"] },
    { opType: "Sub", inputs: ["a", "b"], outputs: ["difference"] },
  ],
});

describe("a session", () => {
  test("tells the model's inputs and outputs, variable dimensions as null", async () => {
    const session = await open(arithmetic);
    expect(session.inputs).toEqual([
      { name: "a", type: "float32", shape: [null, 2] },
      { name: "b", type: "float32", shape: [null, 2] },
    ]);
    expect(session.outputs.map(({ name }) => name)).toEqual(["sum", "difference"]);
  });

  test("gives the outputs asked for and no others", async () => {
    const session = await open(arithmetic);
    const feeds = { a: floats([2, 2], [1, 2, 3, 4]), b: floats([2, 2], [10, 20, 30, 40]) };
    expect(await session.run(feeds, ["difference"])).toEqual({
      difference: floats([2, 2], [-9, -18, -27, -36]),
    });
  });

  test.each<[TensorType, Tensor["data"]]>([
    ["float32", Float32Array.of(1.5, -2.5)],
    ["float64", Float64Array.of(Math.PI, -0)],
    ["int8", Int8Array.of(-128, 127)],
    ["uint8", Uint8Array.of(0, 255)],
    ["int16", Int16Array.of(-32768, 32767)],
    ["uint16", Uint16Array.of(0, 65535)],
    ["int32", Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    ["uint32", Uint32Array.of(0, 2 ** 32 - 1)],
    ["int64", BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
    ["uint64", BigUint64Array.of(0n, 2n ** 64n - 1n)],
    ["bool", Uint8Array.of(0, 1)],
    ["string", ["", "Zürich 雪"]],
  ])("carries %s both ways unchanged", async (type, data) => {
    const session = await open(identityOf(type));
    const { y } = await session.run({ x: { type, shape: [1, 2], data } }, ["y"]);
    expect(y).toEqual({ type, shape: [1, 2], data });
  });

  test("reads a part of a larger buffer, which the caller may reuse afterwards", async () => {
    const session = await open(identityOf("float32"));
    const buffer = Float32Array.of(9, 9, 9, 1, 2, 3, 4, 9);
    const { y } = await session.run({ x: { type: "float32", shape: [2, 2], data: buffer.subarray(3, 7) } }, [
      "y",
    ]);
    buffer.fill(0);
    expect(y).toEqual(floats([2, 2], [1, 2, 3, 4]));
  });

  test("runs on no rows at all", async () => {
    const session = await open(identityOf("float32"));
    const { y } = await session.run({ x: floats([0, 2], []) }, ["y"]);
    expect(y).toEqual(floats([0, 2], []));
  });

  test("fails as a whole on a row that the model cannot take, and runs again on the others", async () => {
    const session = await open(tableModel({ table: [0.5, 0.25] }));
    const error = await failure(session.run({ features: floats([2, 2], [0, 0, 7, 0]) }, ["score"]));
    expect(error).toMatchObject({ name: "ModelRunError", code: "run.failed", cause: expect.any(Error) });
    const { score } = await session.run({ features: floats([1, 2], [1, 0]) }, ["score"]);
    expect(score).toEqual(floats([1, 1], [0.25]));
  });

  test.each<[string, Record<string, Tensor>, RegExp]>([
    ["a missing input", { a: floats([1, 2], [1, 2]) }, /input "b": got nothing, expected float32 \[any, 2\]/],
    [
      "an unknown input",
      { a: floats([1, 2], [1, 2]), b: floats([1, 2], [1, 2]), c: floats([1], [1]) },
      /input "c": the model has no such input, only a, b/,
    ],
    [
      "an inherited name",
      Object.create({ a: floats([1, 2], [1, 2]), b: floats([1, 2], [1, 2]) }),
      /input "a": got nothing/,
    ],
    [
      "another element type",
      { a: floats([1, 2], [1, 2]), b: { type: "float64", shape: [1, 2], data: Float64Array.of(1, 2) } },
      /input "b": got float64 \[1, 2\], expected float32 \[any, 2\]/,
    ],
    [
      "an array of another type",
      { a: floats([1, 2], [1, 2]), b: { type: "float32", shape: [1, 2], data: Float64Array.of(1, 2) } },
      /in a Float64Array, expected a Float32Array/,
    ],
    [
      "another rank",
      { a: floats([1, 2], [1, 2]), b: floats([2], [1, 2]) },
      /input "b": got float32 \[2\], expected float32 \[any, 2\]/,
    ],
    [
      "another fixed dimension",
      { a: floats([1, 2], [1, 2]), b: floats([1, 3], [1, 2, 3]) },
      /input "b": got float32 \[1, 3\], expected/,
    ],
    [
      "too few elements",
      { a: floats([1, 2], [1, 2]), b: floats([1, 2], [1]) },
      /input "b": got 1 elements, expected the 2/,
    ],
    [
      "too many elements",
      { a: floats([1, 2], [1, 2]), b: floats([1, 2], [1, 2, 3]) },
      /input "b": got 3 elements, expected the 2/,
    ],
    ["a negative dimension", { a: floats([1, 2], [1, 2]), b: floats([-1, 2], []) }, /input "b": got float32/],
  ])("refuses %s before it runs", async (_, feeds, message) => {
    const session = await open(arithmetic);
    const error = await failure(session.run(feeds, ["sum"]));
    expect(error).toMatchObject({ name: "InputError", code: "input.shape" });
    expect(error.message).toMatch(message);
  });

  test("names every input that does not fit, not only the first", async () => {
    const session = await open(arithmetic);
    const error = await failure(session.run({}, ["sum"]));
    expect(error.details.problems).toHaveLength(2);
  });

  test.each([[["product"]], [[]]])("refuses the outputs %j", async (names) => {
    const session = await open(arithmetic);
    const error = await failure(session.run({ a: floats([1, 2], [1, 2]), b: floats([1, 2], [1, 2]) }, names));
    expect(error).toMatchObject({ name: "ModelRunError", code: "run.output" });
  });

  test("can be released twice and not run afterwards", async () => {
    const session = await engine.createSession(arithmetic);
    await session.release();
    await session.release();
    expect(await failure(session.run({}, ["sum"]))).toMatchObject({ name: "InvariantError" });
  });
});

describe("a model that cannot be served", () => {
  const scores = { name: "scores", type: "float32" as const, shape: ["N", 2] };

  test.each([
    ["no bytes", new Uint8Array()],
    ["bytes of something else", new TextEncoder().encode("not a model")],
    [
      "an operator that nobody knows",
      buildModel({
        inputs: [scores],
        outputs: [{ ...scores, name: "y" }],
        nodes: [{ opType: "Teleport", inputs: ["scores"], outputs: ["y"] }],
      }),
    ],
  ])("is refused: %s", async (_, model) => {
    const error = await failure(engine.createSession(model));
    expect(error).toMatchObject({
      name: "ModelArtifactError",
      code: "model.package",
      cause: expect.any(Error),
    });
  });

  test("is refused for an output that is no tensor, and the message says how to get rid of it", async () => {
    const list = { opType: "SequenceConstruct", inputs: ["scores"], outputs: ["list"] };
    const floatTensor = { case: "tensorType", value: { elemType: elementTypes.float32 } } as const;
    const model = withOutput([scores], list, {
      value: { case: "sequenceType", value: { elemType: { value: floatTensor } } },
    });
    const error = await failure(engine.createSession(model));
    expect(error).toMatchObject({ name: "ModelArtifactError", code: "model.package" });
    expect(error.message).toMatch(/output "list": got a sequence or map \(as ZipMap makes\)/);
  });

  test("is refused for a type that we do not carry", async () => {
    const float16 = 10;
    const cast = {
      opType: "Cast",
      inputs: ["scores"],
      outputs: ["half"],
      attributes: { to: { int: float16 } },
    };
    const model = withOutput([scores], cast, { value: { case: "tensorType", value: { elemType: float16 } } });
    const error = await failure(engine.createSession(model));
    expect(error).toMatchObject({ name: "ModelArtifactError", code: "model.package" });
    expect(error.message).toMatch(/output "half": got a tensor of float16, expected/);
  });

  /** A model of one node whose output has a type that the builder cannot express. */
  function withOutput(
    inputs: readonly ValueDefinition[],
    node: NodeDefinition,
    type: MessageInitShape<typeof TypeProtoSchema>,
  ): Uint8Array {
    const model = fromBinary(ModelProtoSchema, buildModel({ inputs, outputs: [], nodes: [node] }));
    model.graph?.output.push(create(ValueInfoProtoSchema, { name: node.outputs[0], type }));
    return toBinary(ModelProtoSchema, model);
  }
});

describe("warming", () => {
  test("uses a model that is what it says: y = Identity(x)", () => {
    expect(describeModel(Buffer.from(identityModel, "base64"))).toEqual({
      operators: [{ domain: "ai.onnx", opType: "Identity", version: 13 }],
      inputs: [{ name: "x", type: "float32 [1]" }],
      outputs: [{ name: "y", type: "float32 [1]" }],
    });
  });

  test("may be asked for any number of times, before and after sessions", async () => {
    const warmed = createOrtEngine({ memoryMiB: 512 });
    warmed.warm();
    warmed.warm();
    const session = await warmed.createSession(arithmetic);
    warmed.warm();
    expect(session.inputs).toHaveLength(2);
    await session.release();
  });

  test("does not happen at import: the library is loaded at the first need, with its telemetry off", () => {
    const program = `
      import { createRequire } from "node:module";
      import { createOrtEngine } from ${JSON.stringify(sourceUrl("functions/adapters/onnx/ort-engine.ts"))};
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("onnxruntime"));
      const engine = createOrtEngine({ memoryMiB: 512 });
      const before = [loaded(), process.env.ORT_DISABLE_TELEMETRY];
      await engine.createSession(Buffer.from(${JSON.stringify(identityModel)}, "base64"));
      console.log(JSON.stringify({ before, after: [loaded(), process.env.ORT_DISABLE_TELEMETRY] }));
    `;
    const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
    const child = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: fileURLToPath(sourceUrl("")),
      env,
      encoding: "utf8",
    });
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual({ before: [false, null], after: [true, "1"] });
  });
});

describe("threads", () => {
  test.each([
    [128, 1],
    [1769, 1],
    [3537, 1],
    [3538, 2],
    [10240, 5],
  ])("of a function with %d MiB are as many as its full cores: %d", (memoryMiB, threads) => {
    expect(ortSessionOptions({ memoryMiB }).intraOpNumThreads).toBe(threads);
  });

  test("do not spin where there are several", () => {
    const extra = { session: { intra_op: { allow_spinning: "0" } } };
    expect(ortSessionOptions({ memoryMiB: 1769, threads: 2 })).toMatchObject({ intraOpNumThreads: 2, extra });
    expect(ortSessionOptions({ memoryMiB: 1769 })).not.toHaveProperty("extra");
  });

  test.each([{ memoryMiB: 1769, threads: 0 }, { memoryMiB: 1769, threads: 1.5 }, { memoryMiB: Number.NaN }])(
    "must be a whole number from 1: %j",
    (options) => {
      expect(() => createOrtEngine(options)).toThrow(
        expect.objectContaining({ name: "ConfigError", code: "config.env" }),
      );
    },
  );
});

function sourceUrl(path: string): URL {
  return new URL(`../../../../${path}`, import.meta.url);
}
