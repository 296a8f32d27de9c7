import { describe, expect, it } from "vitest";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { predictErrorBody } from "../../../functions/contract/http.ts";
import { prediction } from "../../../functions/contract/prediction.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import type { PredictionBatch } from "../../../functions/core/prediction/prediction-batch.ts";
import { departureEvent } from "../../../scripts/flights/departure-event.ts";
import { treesFolder } from "../../../scripts/models/flight-delay-trees.ts";
import { ask, examplePackage, setUp as setUpStream, tablePackage } from "../stream/set-up.ts";
import { setUp } from "./set-up.ts";

const url = "/models/table/predict";

describe("whole events", () => {
  it("get the very predictions that the stream gives them, to the letter", async () => {
    const flights = Array.from({ length: 70 }, (_, i) =>
      departureEvent({
        row: i,
        departsMs: Date.UTC(2001, 0, 1 + (i % 28), i % 24, 7),
        origin: ["ORD", "MCO", "XXX"][i % 3]!,
        destination: ["SFO", "LAX"][i % 2]!,
        distanceMiles: 100 + 31 * i,
        delayMinutes: 0,
      }),
    );
    const files = await examplePackage(treesFolder, { limits: { chunkRows: 16 } });
    const stream = await setUpStream(files);
    await stream.deliver(flights);
    const { call } = await setUp(files);
    const { status, text } = await call("POST", "/models/flight-delay/predict", { events: flights });
    expect(status).toBe(200);
    expect(text).toBe(`{"predictions":[${stream.records.map(({ body }) => body).join(",")}]}`);
    expect(stream.records).toHaveLength(70);
  });

  it("are answered one by one, in order, the guilty ones with what is wrong", async () => {
    const { call, digest, metrics, logger } = await setUp(
      tablePackage({ limits: { chunkRows: 2, eventBytes: 100 } }),
    );
    const events = [
      ask("a", 0),
      ask("b", "x"),
      { place: 1 },
      4,
      ask("c", 9),
      ask("d", 3),
      ask("e", 1, { more: "x".repeat(100) }),
      ask("f", 2),
    ];
    const { status, json } = await call("POST", url, { events });
    expect(status).toBe(200);
    const shown = json.predictions.map((each: Record<string, unknown>) =>
      "error" in each ? (each.error as { code: string }).code : prediction.parse(each).outputs.score,
    );
    expect(shown).toEqual([
      0.125,
      "input.type",
      "input.missing",
      "input.malformed",
      "run.failed",
      1,
      "input.too_large",
      0.5,
    ]);
    expect(json.predictions[0]).toMatchObject({ digest, role: "champion", eventId: "a", model: "table" });
    expect(json.predictions[1].error.message).toContain('feature "place": got "x"');
    expect(json.predictions[4].error.message).toBe("the model fails on this event; correct its values");
    expect([metrics.sum("Predictions"), metrics.sum("Rejected"), metrics.sum("Requests")]).toEqual([3, 5, 1]);
    expect(metrics.sum("RejectedByReason", { Reason: "run.failed" })).toBe(1);
    expect(logger.lines).toEqual([]);
  });

  it("are predicted whether or not they match predictOn", async () => {
    const { call } = await setUp(tablePackage());
    const { json } = await call("POST", url, { events: [ask("a", 1, { type: "other" }), ask("b", 1)] });
    expect(json.predictions.map(({ outputs }: { outputs: object }) => outputs)).toEqual([
      { score: 0.25 },
      { score: 0.25 },
    ]);
  });

  it("without an id are named by the request and their position, and dated by its arrival", async () => {
    const { call } = await setUp(tablePackage({ event: {}, keep: false }));
    const { json } = await call("POST", url, { events: [{ place: 0 }, { place: 1 }] });
    expect(json.predictions.map(({ eventId }: { eventId: string }) => eventId)).toEqual([
      "https/request-1/0/0",
      "https/request-1/1/0",
    ]);
    expect(json.predictions[0].predictionId).not.toBe(json.predictions[1].predictionId);
    expect(json.predictions[0].eventTime).toMatch(/^2026-01-01T00:00:01/);
  });

  it("are stored with their features when the package keeps them, and what was stored first is the answer", async () => {
    const { call, store, publish } = await setUp(tablePackage());
    const first = await call("POST", url, { events: [ask("a", 0), ask("b", "x"), ask("c", 2)] });
    expect(
      (store as MemoryPredictionStore).rows.map(({ eventId, features }) => [
        eventId,
        [...new Float32Array(features.slice().buffer)],
      ]),
    ).toEqual([
      ["a", [0, 0]],
      ["c", [2, 0]],
    ]);
    await publish(tablePackage({}, [9, 9, 9, 9]));
    const again = await call("POST", url, { events: [ask("c", 2), ask("d", 2)] });
    expect(again.json.predictions[0]).toEqual(first.json.predictions[2]);
    expect(again.json.predictions[1].outputs).toEqual({ score: 9 });
  });

  it("are not stored otherwise", async () => {
    const { call, store } = await setUp(tablePackage({ keep: false }));
    await call("POST", url, { events: [ask("a", 0)] });
    expect((store as MemoryPredictionStore).rows).toEqual([]);
  });

  it("that cannot be stored have an error of their own; the request fails where that is all of them", async () => {
    const memory = new MemoryPredictionStore();
    const store = {
      async put(batch: PredictionBatch) {
        await memory.put(batch);
        return {
          existing: new Map<number, string>(),
          failed: batch.eventIds.flatMap((id, row) => (id.startsWith("lost") ? [row] : [])),
        };
      },
    };
    const { call, metrics } = await setUp(tablePackage(), { store });
    const some = await call("POST", url, { events: [ask("lost-1", 0), ask("b", 1)] });
    expect(some.json.predictions[0].error.code).toBe("dependency.unavailable");
    expect(some.json.predictions[1].outputs).toEqual({ score: 0.25 });
    expect([some.status, metrics.sum("Predictions"), metrics.sum("DependencyErrors")]).toEqual([200, 1, 1]);
    const all = await call("POST", url, { events: [ask("lost-1", 0), ask("lost-2", 1)] });
    expect([all.status, all.headers["retry-after"]]).toEqual([503, "1"]);
    expect(predictErrorBody.parse(all.json)).toEqual(all.json);
  });

  it.each<[string, unknown, number, string]>([
    ["no JSON", "{", 400, "input.malformed"],
    ["no events", { events: [] }, 400, "input.malformed"],
    ["one event for a list", { events: {} }, 400, "input.malformed"],
    ["tensors", { inputs: [] }, 400, "input.malformed"],
    ["too many", { events: new Array(10_001).fill({}) }, 413, "input.too_large"],
  ])("are refused as a whole: %s", async (_, body, status, code) => {
    const { call } = await setUp(tablePackage());
    const answer = await call("POST", url, body as object | string);
    expect([answer.status, answer.json.error.code]).toEqual([status, code]);
    expect(predictErrorBody.parse(answer.json)).toEqual(answer.json);
  });

  it("fail as a whole, without a word of the inside, where the store is gone", async () => {
    const store = {
      put: () =>
        Promise.reject(
          new DependencyError("table secret-table: throttled", { code: "dependency.throttled" }),
        ),
    };
    const { call, logger } = await setUp(tablePackage(), { store });
    const answer = await call("POST", url, { events: [ask("a", 0)] });
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain("secret");
    expect(logger.lines.map(({ message }) => message)).toEqual(["request failed"]);
  });
});
