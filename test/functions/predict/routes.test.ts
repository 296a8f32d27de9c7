import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { answerRest } from "../../../functions/adapters/http/rest-handler.ts";
import { modelMetadata, modelReady, oipError } from "../../../functions/contract/oip.ts";
import { releaseVersion } from "../../../functions/contract/release.ts";
import { DependencyError, InvariantError, ModelArtifactError } from "../../../functions/core/errors.ts";
import { createRoutes } from "../../../functions/predict/routes.ts";
import { examplePackage, tablePackage } from "../stream/set-up.ts";
import { restCall, setUp } from "./set-up.ts";

const infer = {
  inputs: [{ name: "features", shape: [1, 2], datatype: "FP32", data: [0, 0] }],
};

describe("model metadata", () => {
  it("names the model, its versions from the newest on, and its tensors as rows come", async () => {
    const { call, digest, publish } = await setUp(await examplePackage("sensor-state"));
    const second = await publish(await examplePackage("sensor-state", { samplesTolerance: 1e-4 }));
    for (const path of ["", "/versions/champion", `/versions/${digest}`]) {
      const { status, json } = await call("GET", `/v2/models/sensor-state${path}`);
      expect(status).toBe(200);
      expect(modelMetadata.parse(json)).toEqual({
        name: "sensor-state",
        versions: [second, digest],
        platform: "onnx_onnxv1",
        inputs: [{ name: "embedding", datatype: "FP32", shape: [-1, 4, 8] }],
        outputs: [{ name: "scores", datatype: "FP32", shape: [-1, 3] }],
      });
    }
  });
});

describe("model ready", () => {
  it("is ready with a champion that loads, by any version of it", async () => {
    const { call, digest } = await setUp(tablePackage());
    for (const path of ["", "/versions/champion", `/versions/${digest}`]) {
      const { status, json } = await call("GET", `/v2/models/table${path}/ready`);
      expect([status, modelReady.parse(json)]).toEqual([200, { name: "table", ready: true }]);
    }
  });

  it("is not ready, which is no error, where the version does not load", async () => {
    const load = () => Promise.reject(new ModelArtifactError("broken", { code: "model.samples" }));
    const { call, logger } = await setUp(tablePackage(), { loader: { load, keep() {} } });
    const { status, json } = await call("GET", "/v2/models/table/ready");
    expect([status, json]).toEqual([503, { name: "table", ready: false }]);
    expect(logger.lines.at(-1)).toMatchObject({ level: "warn", fields: { code: "model.samples" } });
  });

  it("is unknown before anything is published", async () => {
    const { call } = await setUp(undefined);
    for (const path of ["", "/ready", "/versions/champion", "/versions/x/ready"]) {
      const { status, json } = await call("GET", `/v2/models/table${path}`);
      expect([status, json.code]).toEqual([404, "model.unknown"]);
    }
  });
});

describe("calls", () => {
  it.each([
    ["GET", "/v2/models/other"],
    ["POST", "/v2/models/other/infer"],
    ["GET", "/v2/models/Table/ready"],
    ["POST", "/v2/models/%/infer"],
    ["POST", "/v2/models/a?b#c/infer"],
  ])("of another model are unknown: %s %s", async (method, path) => {
    const { call } = await setUp(tablePackage());
    const { status, json } = await call(method, path, method === "POST" ? infer : undefined);
    expect([status, json.code]).toEqual([404, "model.unknown"]);
  });

  it.each([
    ["GET", "/"],
    ["GET", "/v2"],
    ["GET", "/v1/models/table"],
    ["POST", "/v2/models/table"],
    ["GET", "/v2/models/table/infer"],
    ["PUT", "/v2/models/table/infer"],
    ["DELETE", "/v2/models/table"],
    ["GET", "/models/table/predict"],
    ["POST", "/v2/models/table/versions/a/b/infer"],
    ["POST", "/v2/models//infer"],
  ])("that there are not are not found: %s %s", async (method, path) => {
    const { call } = await setUp(tablePackage());
    const { status, json } = await call(method, path);
    expect(status).toBe(404);
    expect(oipError.parse(json)).toEqual({
      error: expect.stringContaining("no such call"),
      requestId: "request-1",
    });
  });

  it("that fail for something outside ask for another try; the logs say why, the answer does not", async () => {
    const roles = {
      read: () =>
        Promise.reject(new DependencyError("table secret: throttled", { code: "dependency.throttled" })),
    };
    const { call, logger, metrics } = await setUp(tablePackage(), { roles });
    const { status, headers, text, json } = await call("POST", "/v2/models/table/infer", infer);
    expect([status, headers["retry-after"], headers["content-type"]]).toEqual([503, "1", "application/json"]);
    expect(oipError.parse(json)).toEqual({ error: expect.any(String), requestId: "request-1" });
    expect(text).not.toContain("secret");
    expect(logger.lines).toMatchObject([{ level: "error", fields: { requestId: "request-1", status: 503 } }]);
    expect(metrics.sum("DependencyErrors")).toBe(1);
  });

  it.each<[string, Error, number]>([
    ["a broken version", new ModelArtifactError("secret", { code: "model.digest" }), 503],
    ["a bug", new InvariantError("secret"), 500],
    ["what nobody thought of", new TypeError("secret"), 500],
  ])("that fail for %s say no more than the request's id", async (_, error, expected) => {
    const { call, metrics } = await setUp(tablePackage(), {
      loader: { load: () => Promise.reject(error), keep() {} },
    });
    const { status, headers, json } = await call("POST", "/v2/models/table/infer", infer);
    expect([status, headers["retry-after"]]).toEqual([expected, undefined]);
    expect(json).toEqual({ error: expect.not.stringContaining("secret"), requestId: "request-1" });
    expect(metrics.sum("ModelErrors")).toBe(1);
  });

  it("that come at once run an equal row once: each finds what the one before it ran", async () => {
    const { call, runs } = await setUp(tablePackage());
    // Nothing is cached before a run has been timed.
    await call("POST", "/v2/models/table/infer", infer);
    const body = { inputs: [{ ...infer.inputs[0], data: [3, 0] }] };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => call("POST", "/v2/models/table/infer", body)),
    );
    expect(answers.map(({ json }) => json.outputs[0].data)).toEqual(Array(8).fill([1]));
    expect(runs).toEqual([1, 1]);
  });

  it("are counted, the first inference of an environment timed apart, and flushed each", async () => {
    const { call, metrics, runs } = await setUp(tablePackage());
    for (const body of [infer, infer, "{"]) await call("POST", "/v2/models/table/infer", body);
    await call("GET", "/v2/models/table");
    const times = (name: string) => metrics.recorded.filter((each) => each.name === name).length;
    expect({
      requests: metrics.sum("Requests"),
      predictions: metrics.sum("Predictions"),
      rejected: metrics.sum("RejectedByReason", { Reason: "input.malformed" }),
      cold: times("ColdRequestDurationMs"),
      warm: times("RequestDurationMs"),
      runs: runs.length,
      flushes: metrics.flushCount,
    }).toEqual({ requests: 4, predictions: 2, rejected: 1, cold: 1, warm: 2, runs: 2, flushes: 4 });
  });

  it("made at the same time do not mix their rows", async () => {
    const { call } = await setUp(tablePackage({ limits: { chunkRows: 2 } }));
    const ask = async (place: number) => {
      const inputs = [{ name: "features", shape: [7, 2], datatype: "FP32", data: new Array(14).fill(place) }];
      return (await call("POST", "/v2/models/table/infer", { inputs })).json.outputs[0].data;
    };
    const answers = await Promise.all([0, 1, 2, 3, 9, 0].map((place) => ask(place).catch(() => "failed")));
    const row = (score: number) => new Array(7).fill(score);
    expect(answers).toEqual([row(0.125), row(0.25), row(0.5), row(1), "failed", row(0.125)]);
  });

  it("may be read by web pages of the origins allowed, and of no others", async () => {
    const { deps } = await setUp(tablePackage());
    const routes = createRoutes(deps);
    const headersFor = async (Origin: string, allowed: string[]) =>
      (await answerRest(routes, restCall("GET", "/nothing", undefined, { headers: { Origin } }), allowed))
        .headers;
    const allowed = ["https://a.example", "https://b.example"];
    expect(await headersFor("https://b.example", allowed)).toMatchObject({
      "access-control-allow-origin": "https://b.example",
      vary: "origin",
    });
    expect(await headersFor("https://c.example", allowed)).not.toHaveProperty("access-control-allow-origin");
    expect(await headersFor("https://b.example", [])).toEqual({ "content-type": "application/json" });
  });
});

describe("release", () => {
  it("has package.json's version", async () => {
    const text = await readFile(new URL("../../../package.json", import.meta.url), "utf8");
    expect(releaseVersion).toBe((JSON.parse(text) as { version: string }).version);
  });
});
