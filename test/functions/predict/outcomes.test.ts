import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { httpLimits, outcomesAccepted, predictErrorBody } from "../../../functions/contract/http.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import { tablePackage } from "../stream/set-up.ts";
import { setUp } from "./set-up.ts";

const url = "/models/table/outcomes";
const outcome = { on: { type: "answer" }, id: "of", label: { from: "value", above: 15 }, within: "48h" };

/** The predict function of a model whose outcomes have labels of this kind, and what was put on its events stream. */
async function withLabel(label: object = outcome.label, json: object = {}) {
  const { call, events, ...rest } = await setUp(tablePackage({ outcome: { ...outcome, label }, ...json }));
  return { post: (outcomes: unknown) => call("POST", url, { outcomes }), call, events, ...rest };
}

describe("posted outcomes", () => {
  it("become native outcome events under their ids, and are accepted when they are on the stream", async () => {
    const { post, events, metrics } = await withLabel();
    const answer = await post([
      { id: "a", label: true },
      { id: 7, label: 0, time: "2001-01-31T09:53:00Z" },
      { id: "a", label: false, time: null },
    ]);
    expect([answer.status, outcomesAccepted.parse(answer.json)]).toEqual([202, { accepted: 3 }]);
    expect(events.records).toEqual([
      { partitionKey: "a", data: '{"$outcome":{"model":"table","id":"a","label":true}}' },
      {
        partitionKey: "7",
        data: '{"$outcome":{"model":"table","id":7,"label":0,"time":"2001-01-31T09:53:00Z"}}',
      },
      { partitionKey: "a", data: '{"$outcome":{"model":"table","id":"a","label":false,"time":null}}' },
    ]);
    // They do not ask the model, so they are not timed as calls that do.
    expect(metrics.recorded.map(({ name }) => name)).toEqual(["Requests"]);
  });

  it.each([
    ["yes or no", { from: "value", is: "late" }, [true, false, 0, 1], ["late", 2, 0.5, null, [], {}]],
    [
      "one of several classes",
      { from: "value", classes: ["a", 2, true] },
      ["a", 2, true],
      ["b", 3, false, "2"],
    ],
    ["a number", { from: "value" }, [0, -1.5, 1e300], ["1", true, null]],
  ])("say the truth itself where it is %s, and nothing else", async (_kind, label, good, bad) => {
    const { post, events } = await withLabel(label);
    expect((await post(good.map((each) => ({ id: "a", label: each })))).status).toBe(202);
    expect(events.records).toHaveLength(good.length);
    for (const each of bad) {
      const { status, json } = await post([{ id: "a", label: each }]);
      expect([each, status, json.error.code]).toEqual([each, 400, expect.stringMatching(/^input\./)]);
    }
    expect(events.records).toHaveLength(good.length);
  });

  it("are refused together, each fault with its place, and none is put", async () => {
    const { post, events } = await withLabel();
    const { status, json } = await post([
      { id: "a", label: true },
      { id: "b", label: "yes" },
      { label: 1 },
      "c",
      { id: "d", label: 1, weight: 3 },
      { id: "e", label: 1, time: "soon" },
      { id: 2 ** 53, label: 1 },
    ]);
    expect(status).toBe(400);
    const { error } = predictErrorBody.parse(json);
    expect(error.code).toBe("input.type");
    expect(error.message).toMatch(
      /^outcomes: 6 of 7 are at fault and none was put, the first at 1: outcome label: got "yes"/,
    );
    const { count, problems } = error.details as { count: number; problems: Record<string, unknown>[] };
    expect(count).toBe(6);
    expect(problems.map(({ index, code }) => [index, code])).toEqual([
      [1, "input.type"],
      [2, "input.missing"],
      [3, "input.malformed"],
      [4, "input.malformed"],
      [5, "input.type"],
      [6, "input.type"],
    ]);
    expect(problems[3]!.message).toContain('unknown key "weight"');
    expect(problems[4]!.message).toContain("outcome time");
    expect(events.records).toEqual([]);
  });

  it("tell a hundred faults at most, and count the others", async () => {
    const { post } = await withLabel();
    const { json } = await post(new Array(150).fill({ id: "a" }));
    expect(json.error.details.count).toBe(150);
    expect(json.error.details.problems).toHaveLength(100);
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no outcomes", "{}"],
    ["an empty list of them", '{"outcomes":[]}'],
    ["outcomes that are no list", '{"outcomes":{"id":"a","label":1}}'],
    ["another key", '{"outcomes":[{"id":"a","label":1}],"model":"table"}'],
  ])("are refused as a whole in a body with %s", async (_what, body) => {
    const { call, events } = await withLabel();
    const { status, json } = await call("POST", url, body);
    expect([status, json.error.code]).toEqual([400, "input.malformed"]);
    expect(json.error.message).toContain('expected {"outcomes": [');
    expect(events.records).toEqual([]);
  });

  it(`are at most ${httpLimits.outcomes} in a request, and none larger than an event may be`, async () => {
    const { post, events } = await withLabel(undefined, { limits: { eventBytes: 200 } });
    const most = new Array(httpLimits.outcomes).fill({ id: "a", label: 1 });
    expect((await post(most)).json).toEqual({ accepted: httpLimits.outcomes });
    events.records.length = 0;
    const tooMany = await post([...most, { id: "b", label: 1 }]);
    expect([tooMany.status, tooMany.json.error.code]).toEqual([413, "input.too_large"]);
    const tooLarge = await post([{ id: "a".repeat(160), label: 1 }]);
    expect([tooLarge.status, tooLarge.json.error.details.problems]).toEqual([
      413,
      [{ index: 0, code: "input.too_large", message: expect.stringContaining("expected at most 200") }],
    ]);
    expect(events.records).toEqual([]);

    const roomy = await withLabel(undefined, { limits: { eventBytes: 10 * 2 ** 20 } });
    const time = `2001-01-31T00:00:00.${"0".repeat(httpLimits.outcomeBytes)}Z`;
    expect((await roomy.post([{ id: "a", label: 1, time }])).status).toBe(413);
  });

  it("are for models that have one, by the champion's package", async () => {
    const { call, publish } = await setUp(tablePackage());
    const body = { outcomes: [{ id: "a", label: 1 }] };
    const without = await call("POST", url, body);
    expect([without.status, without.json.error.code]).toEqual([404, "model.version"]);
    expect(without.json.error.message).toBe(
      'model "table": its champion declares no outcome; declare one in model.json and publish it',
    );
    const other = await call("POST", "/models/other/outcomes", body);
    expect([other.status, other.json.error.code]).toEqual([404, "model.unknown"]);
    await publish(tablePackage({ outcome }));
    expect((await call("POST", url, body)).status).toBe(202);
  });

  it("are not accepted when the stream does not take all of them, and may be sent again", async () => {
    const down = new DependencyError("kinesis PutRecords to events: throttled", {
      code: "dependency.throttled",
    });
    const { call, metrics, logger } = await setUp(tablePackage({ outcome }), {
      events: { put: () => Promise.reject(down) },
    });
    const { status, headers, json } = await call("POST", url, { outcomes: [{ id: "a", label: 1 }] });
    expect([status, headers["retry-after"]]).toEqual([503, "1"]);
    expect(json.error.message).not.toContain("kinesis");
    expect(metrics.sum("DependencyErrors")).toBe(1);
    expect(logger.lines).toMatchObject([{ level: "error", fields: { error: down } }]);
  });

  it("are accepted exactly when their id, label and time are what the contract says", async () => {
    const { post, events } = await withLabel();
    const value = fc.oneof(
      fc.constantFrom<unknown>(0, 1, true, false, "x", "", null, "2001-01-31", 1e12, 2 ** 53, -7, 1.5),
      fc.jsonValue(),
    );
    const some = fc.record({ id: value, label: value, time: value }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(some, async (one) => {
        events.records.length = 0;
        const isGood = isId(one.id) && isTruth(one.label) && isTime(one.time);
        const { status } = await post([one]);
        expect([one, status < 300]).toEqual([one, isGood]);
        expect(events.records).toHaveLength(isGood ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });
});

function isId(id: unknown): boolean {
  if (typeof id === "number") return Math.abs(id) <= Number.MAX_SAFE_INTEGER;
  return typeof id === "string" && id.length >= 1 && id.length <= 256 && id.isWellFormed();
}

function isTruth(label: unknown): boolean {
  return label === true || label === false || label === 0 || label === 1;
}

/** Of the texts above, one is a date; random ones are none. */
function isTime(time: unknown): boolean {
  if (time === undefined || time === null || time === "2001-01-31") return true;
  return typeof time === "number" && Math.abs(Math.abs(time) >= 1e11 ? time : time * 1000) <= 8.64e15;
}
