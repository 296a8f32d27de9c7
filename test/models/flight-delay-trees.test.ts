import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import { loadModel } from "../../functions/core/inference/loaded-model.ts";
import { predictEvents } from "../../functions/core/inference/predict-events.ts";
import {
  flightDelayFiles,
  goldenEvent,
  readGoldenFlights,
  treesFolder,
} from "../../scripts/models/flight-delay-trees.ts";
import { checkPackage } from "../../scripts/publish/check-package.ts";
import { readText } from "./read-text.ts";

const engine = createOrtEngine({ memoryMiB: 1769 });
let model: LoadedModel;

beforeAll(async () => {
  const plan = await checkPackage(fileURLToPath(treesFolder), engine);
  model = await loadModel(plan.digest, plan.files, { engine, nowMs: () => performance.now() });
});

afterAll(() => model.session.release());

const departure = {
  type: "departure",
  flight: "0163764",
  departs: "2001-01-31T06:44:00Z",
  origin: "ORD",
  destination: "MCO",
  distance: 1005,
};

/** The feature row an event is served with. */
async function rowOf(change: Readonly<Record<string, unknown>>): Promise<number[]> {
  const [answer] = await predictEvents(model, [{ payload: payload(change) }]);
  expect(answer).toHaveProperty("outputs");
  return [...(model.buffers.arrays[0]!.slice(0, 5) as Float32Array)];
}

async function rejectionOf(change: Readonly<Record<string, unknown>>): Promise<unknown> {
  return (await predictEvents(model, [{ payload: payload(change) }]))[0];
}

function payload(change: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(JSON.stringify({ ...departure, ...change }));
}

describe("models/flight-delay-trees", () => {
  it("is what its script makes", async () => {
    for (const [name, content] of Object.entries(await flightDelayFiles())) {
      expect(await readText(treesFolder, name)).toBe(content);
    }
  });

  it("gives XGBoost's probability for all 300 golden flights, from the same feature rows", async () => {
    const golden = await readGoldenFlights();
    expect(golden).toHaveLength(300);
    const answers = await predictEvents(
      model,
      golden.map((flight, i) => ({ payload: Buffer.from(JSON.stringify(goldenEvent(flight, i))) })),
    );
    answers.forEach((answer, i) => {
      const { features, probabilityLate } = golden[i]!;
      if (!("outputs" in answer)) throw new Error(`flight ${i}: ${answer.message}`);
      expect(Math.abs((answer.outputs.probability as number) - probabilityLate)).toBeLessThanOrEqual(1e-6);
      expect(answer.outputs.label).toBe(probabilityLate >= 0.5 ? "late" : "on time");
      expect([...(model.buffers.arrays[0]!.slice(5 * i, 5 * i + 5) as Float32Array)]).toEqual(features);
    });
  });

  it("has samples of both labels", async () => {
    const text = await readText(treesFolder, "samples.jsonl");
    expect(text.match(/"label":"late"/g)!.length).toBeGreaterThan(0);
    expect(text.match(/"label":"on time"/g)!.length).toBeGreaterThan(0);
  });

  it("takes an unknown airport for -1", async () => {
    expect(await rowOf({ origin: "XXX", destination: "" })).toEqual([6, 3, 1005, -1, -1]);
  });

  it.each([undefined, null])("takes a distance of %s for 0 miles", async (distance) => {
    expect(await rowOf({ distance })).toEqual([6, 3, 0, 158, 131]);
  });

  it.each([
    ["in UTC", "2001-01-31T06:44:00Z"],
    ["with a zone", "2001-01-31T08:44:00+02:00"],
    ["with a zone across midnight", "2001-01-30T23:44:00-07:00"],
    ["without a zone, in UTC", "2001-01-31T06:44:00"],
  ])("reads a time %s", async (_, departs) => {
    expect(await rowOf({ departs })).toEqual([6, 3, 1005, 158, 131]);
  });

  it("counts Sunday as 0, and days by UTC", async () => {
    expect((await rowOf({ departs: "2001-01-28T23:59:59Z" })).slice(0, 2)).toEqual([23, 0]);
    expect((await rowOf({ departs: "2001-01-28T00:30:00+01:00" })).slice(0, 2)).toEqual([23, 6]);
  });

  it.each([0, 6000])("takes a distance of %d miles", async (distance) => {
    expect((await rowOf({ distance }))[2]).toBe(distance);
  });

  it.each([
    [{ distance: -1 }, "input.range"],
    [{ distance: 6000.1 }, "input.range"],
    [{ distance: "far" }, "input.type"],
    [{ origin: undefined }, "input.missing"],
    [{ destination: null }, "input.missing"],
    [{ departs: undefined }, "input.missing"],
    [{ departs: "yesterday" }, "input.type"],
  ])("rejects %j as %s", async (change, code) => {
    expect(await rejectionOf(change)).toMatchObject({ code });
  });
});
