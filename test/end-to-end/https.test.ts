import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenEvent, readGoldenFlights, treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import { curlLine } from "../../scripts/start/curl-line.ts";
import { putAll } from "./support/events.ts";
import { departure } from "./support/flight-events.ts";
import { type CallOptions, call } from "./support/http-call.ts";
import { predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { itNeeding, openStage, targetHas } from "./support/target.ts";

/*
 * The calls and errors of the Open Inference Protocol, and whole events, as a caller of a deployed stage sees them.
 *
 * @see Open Inference Protocol v2, `specification/protocol/inference_rest.md`
 */

const model = "flight-delay";
const v2 = `/v2/models/${model}`;
const golden = await readGoldenFlights();
const rows = golden.map(({ features }) => features);
let stage: Stage;
let digest: string;

beforeAll(async () => {
  stage = await openStage();
  digest = (await publish(stage, fileURLToPath(treesFolder))).plan.digest;
});
afterAll(() => stage?.[Symbol.asyncDispose]());

describe("the server", () => {
  it("tells its name, and that it lives and is ready", async () => {
    expect(await call(stage, "/v2")).toMatchObject({
      status: 200,
      body: { name: "headrace", version: expect.stringMatching(/^\d+\.\d+\.\d+$/), extensions: [] },
    });
    expect(await call(stage, "/v2/health/live")).toMatchObject({ status: 200, body: { live: true } });
    expect(await call(stage, "/v2/health/ready")).toMatchObject({
      status: 200,
      body: { live: true, ready: true },
    });
  });
});

describe("a model", () => {
  it.each(["", "/versions/champion", "digest"])(
    "tells its tensors and that it is ready (%s)",
    async (which) => {
      const path = `${v2}${which === "digest" ? `/versions/${digest}` : which}`;
      const { status, body, headers } = await call(stage, path);

      expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(body).toEqual({
        name: model,
        versions: expect.arrayContaining([digest]),
        platform: "onnx_onnxv1",
        inputs: [{ name: "features", datatype: "FP32", shape: [-1, 5] }],
        outputs: [
          { name: "label", datatype: "INT64", shape: [-1] },
          { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
        ],
      });
      expect(await call(stage, `${path}/ready`)).toMatchObject({
        status: 200,
        body: { name: model, ready: true },
      });
    },
  );

  it.each(["", "/versions/champion", "digest"])(
    "answers the rows of the library that trained it as that does (%s)",
    async (which) => {
      const path = `${v2}${which === "digest" ? `/versions/${digest}` : which}/infer`;
      const nested = await infer(path, { id: "golden rows", inputs: [features(rows)] });
      const flat = await infer(path, {
        id: "golden rows",
        inputs: [{ ...features(rows), data: rows.flat() }],
      });

      expect(flat).toEqual(nested);
      expect(nested).toMatchObject({ model_name: model, model_version: digest, id: "golden rows" });
      const [label, probabilities] = nested.outputs;
      expect(label).toMatchObject({ name: "label", shape: [rows.length], datatype: "INT64" });
      expect(label!.data).toEqual(golden.map(({ probabilityLate }) => (probabilityLate > 0.5 ? 1 : 0)));
      expect(probabilities).toMatchObject({
        name: "probabilities",
        shape: [rows.length, 2],
        datatype: "FP32",
      });
      golden.forEach(({ probabilityLate }, row) => {
        expect(Math.abs(probabilities!.data[2 * row + 1]! - probabilityLate)).toBeLessThan(1e-6);
      });
    },
  );

  it("answers with the outputs that are asked for, in the order asked, and with an id of its own where it gets none", async () => {
    const inputs = [features(rows.slice(0, 2))];
    const one = await infer(`${v2}/infer`, { inputs, outputs: [{ name: "probabilities" }] });
    const two = await infer(`${v2}/infer`, {
      inputs,
      outputs: [{ name: "probabilities" }, { name: "label" }],
      parameters: { priority: 1, client: "a test", isUrgent: false },
    });

    expect(one.outputs.map(({ name }) => name)).toEqual(["probabilities"]);
    expect(two.outputs.map(({ name }) => name)).toEqual(["probabilities", "label"]);
    expect(two.outputs[0]).toEqual(one.outputs[0]);
    expect(one.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(two.id).not.toBe(one.id);
  });
});

describe("a call that is at fault", () => {
  const good = features(rows.slice(0, 2));
  const ofModel = (inputs: readonly object[], others: object = {}): CallOptions => ({
    body: { inputs, ...others },
  });
  const faults: readonly (readonly [string, number, string | undefined, string, CallOptions])[] = [
    // The gateway's own answers have no code.
    ["is no JSON", 400, undefined, "/infer", { body: "{" }],
    ["has no inputs", 400, undefined, "/infer", { body: {} }],
    ["has an empty list of inputs", 400, undefined, "/infer", ofModel([])],
    ["has an input without data", 400, undefined, "/infer", ofModel([{ ...good, data: undefined }])],
    ["has an id that is no string", 400, undefined, "/infer", ofModel([good], { id: 7 })],
    // The function's have.
    ["has another datatype", 400, "input.type", "/infer", ofModel([{ ...good, datatype: "FP64" }])],
    [
      "has no datatype of the protocol",
      400,
      "input.malformed",
      "/infer",
      ofModel([{ ...good, datatype: "FP8" }]),
    ],
    ["has too narrow a row", 400, "input.shape", "/infer", ofModel([{ ...good, shape: [2, 4] }])],
    ["has another rank", 400, "input.shape", "/infer", ofModel([{ ...good, shape: [10] }])],
    [
      "has more dimensions than any",
      400,
      "input.malformed",
      "/infer",
      ofModel([{ ...good, shape: Array(9).fill(1) }]),
    ],
    ["has a negative dimension", 400, "input.malformed", "/infer", ofModel([{ ...good, shape: [-1, 5] }])],
    [
      "has less data than its shape says",
      400,
      "input.shape",
      "/infer",
      ofModel([{ ...good, data: [1, 2, 3] }]),
    ],
    [
      "has ragged data",
      400,
      "input.shape",
      "/infer",
      ofModel([{ ...good, data: [[1], [1, 2, 3, 4, 5, 6, 7, 8, 9]] }]),
    ],
    [
      "has text for a number",
      400,
      "input.range",
      "/infer",
      ofModel([{ ...good, data: ["x", ...Array(9).fill(0)] }]),
    ],
    [
      "has null for a number",
      400,
      "input.range",
      "/infer",
      ofModel([{ ...good, data: [null, ...Array(9).fill(0)] }]),
    ],
    ["has no rows", 400, "input.shape", "/infer", ofModel([{ ...good, shape: [0, 5], data: [] }])],
    ["has an input twice", 400, "input.shape", "/infer", ofModel([good, good])],
    ["has an input of no name", 400, "input.malformed", "/infer", ofModel([{ ...good, name: "" }])],
    ["has an unknown input", 400, "input.shape", "/infer", ofModel([good, { ...good, name: "more" }])],
    ["lacks an input", 400, "input.shape", "/infer", ofModel([{ ...good, name: "other" }])],
    [
      "asks for an unknown output",
      400,
      "input.shape",
      "/infer",
      ofModel([good], { outputs: [{ name: "odds" }] }),
    ],
    [
      "has a list as a parameter",
      400,
      "input.malformed",
      "/infer",
      ofModel([good], { parameters: { a: [1] } }),
    ],
    ["has too many rows", 413, "input.too_large", "/infer", ofModel([{ ...good, shape: [10_001, 5] }])],
    [
      "says to be no JSON",
      415,
      "input.media_type",
      "/infer",
      { ...ofModel([good]), headers: { "content-type": "text/csv" } },
    ],
    [
      "says to be compressed",
      415,
      "input.media_type",
      "/infer",
      { ...ofModel([good]), headers: { "content-encoding": "br" } },
    ],
    [
      "asks for an unknown version",
      404,
      "model.version",
      `/versions/${"0".repeat(64)}/infer`,
      ofModel([good]),
    ],
    [
      "asks for an alias without a version",
      404,
      "model.alias",
      "/versions/challenger/infer",
      ofModel([good]),
    ],
    ["asks for metadata of an unknown version", 404, "model.version", "/versions/v7", {}],
    ["asks whether an unknown version is ready", 404, "model.version", "/versions/v7/ready", {}],
    ["asks for an unknown model", 404, undefined, "-2/infer", ofModel([good])],
    ["asks for metadata of an unknown model", 404, undefined, "-2", {}],
    ["is of another method", 404, undefined, "/infer", { method: "GET" }],
    ["is no call of the protocol", 404, undefined, "/explain", ofModel([good])],
  ];

  it.each(faults)("since it %s is answered %i", async (_, status, code, path, options) => {
    const answer = await call(stage, `${v2}${path}`, options);

    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/json"]);
    const { error, ...more } = answer.body as { error: unknown; code?: string };
    expect(error).toEqual(expect.stringMatching(/\w{3}/));
    // Elsewhere the function checks bodies alone.
    const isUnchecked = status === 400 && code === undefined && !targetHas("gateway");
    expect(more.code).toBe(isUnchecked ? "input.malformed" : code);
  });

  it("since it is larger than Lambda or API Gateway takes is answered 413", async () => {
    for (const mebibytes of [7, 11]) {
      const data = `[${"1.0000000,".repeat((mebibytes * 2 ** 20) / 10)}1]`;
      const body = `{"inputs":[{"name":"features","shape":[1,5],"datatype":"FP32","data":${data}}]}`;

      const answer = await call(stage, `${v2}/infer`, { body });

      expect([mebibytes, answer.status]).toEqual([mebibytes, 413]);
      expect(answer.body).toMatchObject({ error: expect.any(String) });
    }
  });

  it("of whole events is told so before any event is looked at", async () => {
    const path = `/models/${model}/predict`;
    expect(await call(stage, path, { body: { event: {} } })).toMatchObject({ status: 400 });
    expect(await call(stage, path, { body: { events: {} } })).toMatchObject({ status: 400 });
    expect(await call(stage, path, { body: { events: [] } })).toMatchObject({
      status: 400,
      body: { error: { code: "input.malformed", message: expect.stringContaining("expected an event") } },
    });
    expect(await call(stage, path, { body: { events: Array(10_001).fill(0) } })).toMatchObject({
      status: 413,
      body: { error: { code: "input.too_large" } },
    });
    expect(await call(stage, "/models/flight-delay-2/predict", { body: { events: [{}] } })).toMatchObject({
      status: 404,
    });
  });
});

describe("whole events", () => {
  it("get the predictions that the stream gives them, to the letter, and those that the trained model gives", async () => {
    const events = golden.map((flight, i) => ({ ...goldenEvent(flight, i), flight: `https-${i}` }));
    await putAll(
      stage,
      events.map((data) => ({ data, partitionKey: data.flight })),
    );
    const answers = await predict(events);
    const onStream = await predictionsOf(
      stage,
      model,
      events.map(({ flight }) => flight),
    );

    answers.forEach((answer, i) => {
      const { flight } = events[i]!;
      expect([...new Set(onStream.get(flight)!.map(({ body }) => body))]).toEqual([JSON.stringify(answer)]);
      expect(answer).toMatchObject({ model, digest, role: "champion", eventId: flight });
      expect(Math.abs(probabilityOf(answer) - golden[i]!.probabilityLate)).toBeLessThan(1e-6);
    });
  });

  it("are answered one by one, in order, the guilty ones with what is wrong", async () => {
    const [good, tooFar, notOne] = await predict([departure("good"), departure("far", { distance: 9e9 }), 7]);

    expect(good).toMatchObject({ eventId: "good", outputs: { probability: expect.any(Number) } });
    expect(tooFar).toEqual({
      error: { code: "input.range", message: expect.stringMatching(/distance.*9000000000.*6000/) },
    });
    expect(notOne).toEqual({ error: { code: "input.malformed", message: expect.any(String) } });
  });

  it("are answered to the line that npm start prints", async ({ skip }) => {
    const run = promisify(execFile);
    const hasCurl = await run("curl", ["--version"]).then(
      () => process.platform !== "win32",
      () => false,
    );
    if (!hasCurl) skip("there is no curl or no POSIX shell");
    const event = { ...departure("by-hand"), type: "departure" } as const;

    const line = curlLine({ ...stage.api, model, environment: stage.environment }, event);
    const { stdout } = await run("/bin/sh", ["-c", line]);

    expect(JSON.parse(stdout)).toEqual({ predictions: await predict([event]) });
  });

  itNeeding("bursts")("of 300 calls at once, beside rows, are all answered, each with its own", async () => {
    const calls = Array.from({ length: 300 }, async (_, i) => {
      const flight = golden[i % golden.length]!;
      const probability =
        i % 2 === 0
          ? probabilityOf((await predict([{ ...goldenEvent(flight, i), flight: `at-once-${i}` }]))[0])
          : (await infer(`${v2}/infer`, { id: `at-once-${i}`, inputs: [features([flight.features])] }))
              .outputs[1]!.data[1]!;
      return Math.abs(probability - flight.probabilityLate);
    });

    expect(Math.max(...(await Promise.all(calls)))).toBeLessThan(1e-6);
  });
});

interface InferAnswer {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly outputs: readonly { readonly name: string; readonly data: readonly number[] }[];
}

function features(data: readonly (readonly number[])[]) {
  return { name: "features", datatype: "FP32", shape: [data.length, 5], data };
}

async function infer(path: string, body: object): Promise<InferAnswer> {
  const { status, text } = await call(stage, path, { body });
  expect([status, status === 200 ? "" : text]).toEqual([200, ""]);
  const answer: InferAnswer = JSON.parse(text);
  if ("id" in body) expect(answer.id).toBe(body.id);
  return answer;
}

async function predict(events: readonly unknown[]): Promise<readonly unknown[]> {
  const { status, text } = await call(stage, `/models/${model}/predict`, { body: { events } });
  expect([status, status === 200 ? "" : text]).toEqual([200, ""]);
  const { predictions } = JSON.parse(text);
  expect(predictions).toHaveLength(events.length);
  return predictions;
}

function probabilityOf(prediction: unknown): number {
  return (prediction as { outputs: { probability: number } }).outputs.probability;
}
