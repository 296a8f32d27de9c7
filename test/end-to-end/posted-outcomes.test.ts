import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "./support/http-call.ts";
import { changedExample } from "./support/package-folder.ts";
import { publish } from "./support/publish.ts";
import type { Stage } from "./support/stage.ts";
import { openStream, type StreamRecord } from "./support/stream-records.ts";
import { openStage, targetHas } from "./support/target.ts";

/*
 * Outcomes posted over HTTPS, from the gateway to the event stream; what becomes of them there is the stream function's.
 */

const model = "flight-delay";
const path = `/models/${model}/outcomes`;
const outcome = {
  on: { type: "arrival" },
  id: "flight",
  label: { from: "delay", above: 15 },
  within: "48h",
};
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await using folder = await changedExample(model, { outcome });
  await publish(stage, folder.path);
});
afterAll(() => stage?.[Symbol.asyncDispose]());

describe("outcomes posted over HTTPS", () => {
  it("are on the event stream when they are accepted, each as it was sent", async () => {
    const events = await openStream(stage.kinesis, stage.outputs.EventsStreamName);
    const time = "2001-01-31T09:53:00Z";
    const outcomes = [
      { id: "0163764", label: true },
      { id: 7, label: 0, time },
      ...Array.from({ length: 600 }, (_, i) => ({ id: `flight-${i}`, label: i % 2 })),
    ];
    const { status, body } = await call(stage, path, { body: { outcomes } });
    expect([status, body]).toEqual([202, { accepted: 602 }]);
    const records = nativeOutcomes(await events.read());
    for (const { id, ...rest } of outcomes) expect(records.get(String(id))).toEqual({ model, id, ...rest });
    expect(records.size).toBe(outcomes.length);
  });

  it("are refused by the gateway when they cannot be any, and by the function with what is wrong with which", async () => {
    const events = await openStream(stage.kinesis, stage.outputs.EventsStreamName);
    const shapeless = await call(stage, path, { body: { outcomes: [{ id: "a" }] } });
    expect(shapeless.status).toBe(400);
    // The gateway's own words; elsewhere the function says it.
    if (targetHas("gateway")) expect(shapeless.body).toEqual({ error: expect.stringMatching(/body/i) });

    const outcomes = [
      { id: "a", label: 1 },
      { id: "b", label: "late" },
    ];
    const { status, body } = await call(stage, path, { body: { outcomes } });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: { code: "input.type", details: { count: 1, problems: [{ index: 1, code: "input.type" }] } },
    });
    expect(nativeOutcomes(await events.read()).size).toBe(0);
  });

  it("want a key like every call", async () => {
    const body = { outcomes: [{ id: "a", label: 1 }] };
    const answer = await call(stage, path, { body, apiKey: undefined });
    if (targetHas("gateway")) expect(answer.status).toBe(403);
  });
});

/** What native outcome events say, by id. */
function nativeOutcomes(records: readonly StreamRecord[]): ReadonlyMap<string, unknown> {
  return new Map(
    records.flatMap(({ Data }) => {
      const { $outcome } = JSON.parse(Buffer.from(Data!).toString()) as { $outcome?: { id: unknown } };
      return $outcome === undefined ? [] : [[String($outcome.id), $outcome]];
    }),
  );
}
