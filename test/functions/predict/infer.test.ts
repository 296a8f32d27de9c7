import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { httpLimits } from "../../../functions/contract/http.ts";
import { inferResponse, oipError } from "../../../functions/contract/oip.ts";
import type { TensorType } from "../../../functions/core/inference/tensor.ts";
import { parseLossless } from "../../../functions/core/protocol/parse-lossless.ts";
import { buildModel } from "../../../functions/core/train/onnx/build-model.ts";
import { examplePackage, packageOf, tablePackage } from "../stream/set-up.ts";
import { type Answer, echoPackage, setUp, types } from "./set-up.ts";

/** JSON texts of elements, and what is expected back: the same text but where a float is rounded. */
const elements: Record<TensorType, fc.Arbitrary<string>> = {
  float32: fc.float({ noNaN: true, noDefaultInfinity: true }).map(jsonNumber),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }).map(jsonNumber),
  int8: integers(-128n, 127n),
  uint8: integers(0n, 255n),
  int16: integers(-32_768n, 32_767n),
  uint16: integers(0n, 65_535n),
  int32: integers(-(2n ** 31n), 2n ** 31n - 1n),
  uint32: integers(0n, 2n ** 32n - 1n),
  int64: integers(-(2n ** 63n), 2n ** 63n - 1n),
  uint64: integers(0n, 2n ** 64n - 1n),
  bool: fc.constantFrom("true", "false"),
  string: fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
};

const datatypes: Record<TensorType, string> = {
  float32: "FP32",
  float64: "FP64",
  int8: "INT8",
  uint8: "UINT8",
  int16: "INT16",
  uint16: "UINT16",
  int32: "INT32",
  uint32: "UINT32",
  int64: "INT64",
  uint64: "UINT64",
  bool: "BOOL",
  string: "BYTES",
};

function integers(min: bigint, max: bigint): fc.Arbitrary<string> {
  return fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max)).map(String);
}

function jsonNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The data of [N, 2] as JSON text, flat or nested. */
function dataText(row: readonly string[], isNested: boolean): string {
  if (!isNested) return `[${row.join(",")}]`;
  const pairs = Array.from({ length: row.length / 2 }, (_, i) => `[${row[2 * i]},${row[2 * i + 1]}]`);
  return `[${pairs.join(",")}]`;
}

/** A request for the table model: places in the table, one per row. */
function places(...rows: readonly unknown[]): object {
  return {
    inputs: [
      {
        name: "features",
        shape: [rows.length, 2],
        datatype: "FP32",
        data: rows.flatMap((place) => [place, 0]),
      },
    ],
  };
}

const url = "/v2/models/table/infer";

function expectFailure(answer: Answer, status: number, code?: string): void {
  expect([answer.status, answer.json.code]).toEqual([status, code]);
  expect(oipError.parse(answer.json)).toEqual(answer.json);
  expect(answer.json.requestId).toBe("request-1");
}

describe("infer", () => {
  it("gives every type of element back as it came, nested or flat, in chunks, all rows in order", async () => {
    const { call, runs } = await setUp(echoPackage(types, { limits: { chunkRows: 4 } }));
    const columns = fc
      .integer({ min: 1, max: 11 })
      .chain((rowCount) =>
        fc.tuple(
          ...types.map((type) =>
            fc.array(elements[type], { minLength: 2 * rowCount, maxLength: 2 * rowCount }),
          ),
        ),
      );
    await fc.assert(
      fc.asyncProperty(columns, fc.boolean(), async (data, isNested) => {
        const rowCount = data[0]!.length / 2;
        const inputs = types.map(
          (type, i) =>
            `{"name":"${type}_in","shape":[${rowCount},2],"datatype":"${datatypes[type]}","data":${dataText(data[i]!, isNested)}}`,
        );
        runs.length = 0;
        const { status, text, json } = await call(
          "POST",
          "/v2/models/echo/infer",
          `{"inputs":[${inputs.join(",")}]}`,
        );
        expect(status).toBe(200);
        expect(inferResponse.safeParse(json).success).toBe(true);
        const { outputs } = parseLossless(text) as {
          outputs: { name: string; datatype: string; shape: number[]; data: unknown[] }[];
        };
        expect(outputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual(
          types.map((type) => [`${type}_out`, datatypes[type], [rowCount, 2]]),
        );
        types.forEach((_, i) => {
          expect(outputs[i]!.data).toEqual(parseLossless(`[${data[i]!.join(",")}]`));
        });
        expect(runs.every((count) => count <= 4)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("answers the same from the cache, for one choice of outputs as for another", async () => {
    let clock = 0;
    const nowMs = () => (clock += 1_000);
    const { call, metrics } = await setUp(echoPackage(["int64", "string"]), { nowMs });
    const request = (outputs?: string[]) => ({
      inputs: [
        { name: "string_in", shape: [3, 2], datatype: "BYTES", data: ["a", "b", "1:a", "", "a", "b"] },
        { name: "int64_in", shape: [3, 2], datatype: "INT64", data: ["1", "2", "3", "4", "1", "2"] },
      ],
      outputs: outputs?.map((name) => ({ name, parameters: { binary_data: false } })),
    });
    const ask = async (outputs?: string[]) =>
      (await call("POST", "/v2/models/echo/infer", request(outputs))).json.outputs.map(
        ({ name, data }: { name: string; data: unknown[] }) => [name, data],
      );
    const [texts, numbers] = [
      ["a", "b", "1:a", "", "a", "b"],
      [1, 2, 3, 4, 1, 2],
    ];
    for (let time = 0; time < 3; time++) {
      expect(await ask()).toEqual([
        ["int64_out", numbers],
        ["string_out", texts],
      ]);
      expect(await ask(["string_out"])).toEqual([["string_out", texts]]);
      expect(await ask(["string_out", "int64_out", "string_out"])).toEqual([
        ["string_out", texts],
        ["int64_out", numbers],
      ]);
      expect(await ask([])).toEqual([
        ["int64_out", numbers],
        ["string_out", texts],
      ]);
    }
    // The third request of each choice found all of its rows.
    expect(metrics.recorded.filter(({ name }) => name === "RunDurationMs").length).toBeLessThan(12);
  });

  it("echoes the id and names the version; a request without an id gets its own", async () => {
    const { call, digest } = await setUp(tablePackage());
    const named = await call("POST", url, {
      id: 'a "b"',
      parameters: { a: 1, b: "c", d: true },
      ...places(0, 3),
    });
    expect(named.json).toEqual({
      model_name: "table",
      model_version: digest,
      id: 'a "b"',
      outputs: [{ name: "score", shape: [2, 1], datatype: "FP32", data: [0.125, 1] }],
    });
    expect((await call("POST", url, places(1))).json).toMatchObject({
      id: "request-1",
      outputs: [{ data: [0.25] }],
    });
  });

  it("answers by a version's digest or an alias, and keeps to it when the champion moves", async () => {
    const { call, digest, publish } = await setUp(tablePackage());
    const second = await publish(tablePackage({}, [9, 8, 7, 6]));
    const ask = async (version: string) => {
      const answer = await call("POST", `/v2/models/table${version}/infer`, places(0));
      return answer.status === 200
        ? [answer.json.model_version, answer.json.outputs[0].data[0]]
        : [answer.status, answer.json.code];
    };
    expect(await ask("")).toEqual([second, 9]);
    expect(await ask("/versions/champion")).toEqual([second, 9]);
    expect(await ask(`/versions/${digest}`)).toEqual([digest, 0.125]);
    expect(await ask(`/versions/${second}`)).toEqual([second, 9]);
    expect(await ask("/versions/challenger")).toEqual([404, "model.alias"]);
    expect(await ask(`/versions/${"0".repeat(64)}`)).toEqual([404, "model.version"]);
    expect(await ask("/versions/%2e%2e%2f")).toEqual([404, "model.version"]);
  });

  it("fails as a whole where the model fails on a row, and says on which", async () => {
    const { call, logger } = await setUp(tablePackage({ limits: { chunkRows: 2 } }));
    const answer = await call("POST", url, places(0, 9, 1, 2, 8));
    expectFailure(answer, 500, "run.failed");
    expect(answer.json.details).toEqual({ rows: [1, 4], failedCount: 2 });
    expect(answer.json.error).toContain("2 of 5 row(s): 1, 4");
    expect(answer.json.error).not.toMatch(/Gather|onnx/i);
    expect(logger.lines.map(({ message }) => message)).toEqual(["request failed"]);
  });

  it("writes null for what is not finite", async () => {
    const log = buildModel({
      inputs: [{ name: "x", type: "float64", shape: ["N"] }],
      outputs: [{ name: "y", type: "float64", shape: ["N"] }],
      nodes: [{ opType: "Log", inputs: ["x"], outputs: ["y"] }],
    });
    const { call } = await setUp(
      packageOf(log, { name: "log", features: { x: { from: "x" } }, outputs: { y: { from: "y" } } }),
    );
    const inputs = [{ name: "x", shape: [3], datatype: "FP64", data: [1, 0, -1] }];
    const { json } = await call("POST", "/v2/models/log/infer", { inputs });
    expect(json.outputs).toEqual([{ name: "y", shape: [3], datatype: "FP64", data: [0, null, null] }]);
  });

  it("takes an example package's tensors and says what its samples say", async () => {
    const files = await examplePackage("sensor-state");
    const { call } = await setUp(files);
    const samples = new TextDecoder()
      .decode(files.get("samples.jsonl"))
      .trim()
      .split("\n")
      .map(
        (line) =>
          JSON.parse(line) as { event: { embedding: (number | number[])[] }; outputs: { scores: number[] } },
      );
    // Some of them nest it, some do not.
    const data = samples.flatMap(({ event }) => event.embedding.flat());
    const inputs = [{ name: "embedding", shape: [samples.length, 4, 8], datatype: "FP32", data }];
    const { json } = await call("POST", "/v2/models/sensor-state/infer", { inputs });
    const scores = samples.flatMap(({ outputs }) => outputs.scores);
    expect(json.outputs[0].shape).toEqual([samples.length, 3]);
    json.outputs[0].data.forEach((score: number, i: number) => {
      expect(Math.abs(score - scores[i]!)).toBeLessThan(1e-6);
    });
  });
});

describe("a request to infer that is at fault", () => {
  const input = { name: "features", shape: [1, 2], datatype: "FP32", data: [0, 0] };
  const many = Array.from({ length: 300 }, (_, i) => [`p${i}`, i]);

  it.each<[string, unknown, string]>([
    ["no JSON", "{", "input.malformed"],
    ["nothing", "", "input.malformed"],
    ["a list", [], "input.malformed"],
    ["null", "null", "input.malformed"],
    ["no inputs", {}, "input.malformed"],
    ["an empty list of inputs", { inputs: [] }, "input.malformed"],
    ["an id that is a number", { id: 1, inputs: [input] }, "input.malformed"],
    ["an id too long", { id: "x".repeat(257), inputs: [input] }, "input.malformed"],
    ["a parameter that is a list", { parameters: { a: [] }, inputs: [input] }, "input.malformed"],
    ["too many parameters", { parameters: Object.fromEntries(many), inputs: [input] }, "input.malformed"],
    ["an input without a shape", { inputs: [{ ...input, shape: undefined }] }, "input.malformed"],
    ["a shape of fractions", { inputs: [{ ...input, shape: [1.5, 2] }] }, "input.malformed"],
    ["a negative shape", { inputs: [{ ...input, shape: [-1, 2] }] }, "input.malformed"],
    ["nine dimensions", { inputs: [{ ...input, shape: [1, 1, 1, 1, 1, 1, 1, 1, 2] }] }, "input.malformed"],
    ["a datatype that JSON cannot carry", { inputs: [{ ...input, datatype: "FP16" }] }, "input.malformed"],
    ["a name too long", { inputs: [{ ...input, name: "x".repeat(257) }] }, "input.malformed"],
    ["another datatype", { inputs: [{ ...input, datatype: "FP64" }] }, "input.type"],
    ["an unknown input", { inputs: [input, { ...input, name: "other" }] }, "input.shape"],
    ["the input twice", { inputs: [input, input] }, "input.shape"],
    ["another input", { inputs: [{ ...input, name: "other" }] }, "input.shape"],
    ["another rank", { inputs: [{ ...input, shape: [2] }] }, "input.shape"],
    ["a scalar", { inputs: [{ ...input, shape: [], data: [1] }] }, "input.shape"],
    ["another width", { inputs: [{ ...input, shape: [1, 3], data: [0, 0, 0] }] }, "input.shape"],
    ["no rows", { inputs: [{ ...input, shape: [0, 2], data: [] }] }, "input.shape"],
    ["no data", { inputs: [{ ...input, data: undefined }] }, "input.malformed"],
    ["too little data", { inputs: [{ ...input, data: [0] }] }, "input.shape"],
    ["data nested otherwise", { inputs: [{ ...input, data: [[0], [0]] }] }, "input.shape"],
    ["an unknown output", { inputs: [input], outputs: [{ name: "other" }] }, "input.shape"],
    ["text for a number", { inputs: [{ ...input, data: [0, "far"] }] }, "input.range"],
    ["null for a number", { inputs: [{ ...input, data: [0, null] }] }, "input.range"],
    ["more than the type holds", { inputs: [{ ...input, data: [0, 1e39] }] }, "input.range"],
  ])("is refused, and its faults told: %s", async (_, body, code) => {
    const { call, logger, runs } = await setUp(tablePackage());
    runs.length = 0;
    const answer = await call("POST", url, body as object | string);
    expectFailure(answer, 400, code);
    expect(answer.json.error.length).toBeGreaterThan(20);
    expect([logger.lines, runs]).toEqual([[], []]);
  });

  it("hears of every fault at once", async () => {
    const { call } = await setUp(echoPackage(["float32", "int8"]));
    const { json } = await call("POST", "/v2/models/echo/infer", {
      inputs: [{ name: "int8_in", shape: [2, 3], datatype: "INT8", data: [1] }],
      outputs: [{ name: "nothing" }],
    });
    expect(json.details.problems).toEqual([
      'input "float32_in": got nothing, expected FP32 [N, 2]',
      'input "int8_in": got shape [2, 3], expected INT8 [N, 2]',
      'output "nothing": the model has no such output, only float32_out, int8_out',
    ]);
    expect(json.code).toBe("input.missing");
  });

  it("hears of rows that differ in number, and where an element stands", async () => {
    const { call } = await setUp(echoPackage(["float32", "int8"]));
    const ask = async (rows: number, data: unknown[]) =>
      (
        await call("POST", "/v2/models/echo/infer", {
          inputs: [
            { name: "float32_in", shape: [rows, 2], datatype: "FP32", data: new Array(rows * 2).fill(0) },
            { name: "int8_in", shape: [2, 2], datatype: "INT8", data },
          ],
        })
      ).json.details.problems;
    expect(await ask(3, [1, 2, 3, 4])).toEqual([
      'inputs: got 3 row(s) of "float32_in" and 2 of "int8_in", expected the same of all',
    ]);
    expect(await ask(2, [1, 2, 3, 300])).toEqual([
      'input "int8_in", row 1, element 1: got 300, expected a whole number from -128 to 127',
    ]);
  });

  it("is too large by its rows, its bytes or its answer", async () => {
    const { call } = await setUp(tablePackage());
    const rows = httpLimits.rows + 1;
    const tooMany = { inputs: [{ ...input, shape: [rows, 2], data: new Array(rows * 2).fill(0) }] };
    expectFailure(await call("POST", url, tooMany), 413, "input.too_large");
    expectFailure(await call("POST", url, "x".repeat(httpLimits.bodyBytes + 1)), 413, "input.too_large");
    expectFailure(await call("POST", url, "é".repeat(httpLimits.bodyBytes / 2 + 1)), 413, "input.too_large");
    expectFailure(
      await call("POST", url, Buffer.alloc(httpLimits.bodyBytes + 1, 0x20)),
      413,
      "input.too_large",
    );
    const wide = await setUp(echoPackage(["string"]));
    // Each takes two bytes in the request, and four in the answer, which is JSON within JSON to Lambda.
    const data = new Array(20_000).fill('"'.repeat(80));
    const answer = await wide.call("POST", "/v2/models/echo/infer", {
      inputs: [{ name: "string_in", shape: [10_000, 2], datatype: "BYTES", data }],
    });
    expectFailure(answer, 413, "input.too_large");
    expect(answer.json.error).toContain("send fewer rows");
  });

  it.each([
    ["text/plain", undefined, 415],
    ["application/json; charset=latin1", undefined, 415],
    ["application/octet-stream", undefined, 415],
    ["application/json", "gzip", 415],
    ["application/json;charset=UTF-8", undefined, 200],
    ["application/vnd.api+json", "identity", 200],
    [undefined, undefined, 200],
  ])("is of a content type or encoding that is not taken: %s, %s", async (type, encoding, status) => {
    const { call } = await setUp(tablePackage());
    const headers = {
      ...(type && { "content-type": type }),
      ...(encoding && { "Content-Encoding": encoding }),
    };
    const answer = await call("POST", url, places(0), { headers });
    if (status === 200) expect(answer.status).toBe(200);
    else expectFailure(answer, status, "input.media_type");
  });

  it("may come in base64, if it is UTF-8", async () => {
    const { call } = await setUp(tablePackage());
    expect((await call("POST", url, Buffer.from(JSON.stringify(places(2))))).json.outputs[0].data).toEqual([
      0.5,
    ]);
    expectFailure(await call("POST", url, Buffer.from([0x22, 0xff, 0x22])), 400, "input.malformed");
  });
});
