import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outcomesAccepted, predictErrorBody } from "../../../functions/contract/http.ts";
import { inferResponse, oipDatatype, oipError } from "../../../functions/contract/oip.ts";
import { ask, tablePackage } from "../stream/set-up.ts";
import { type Answer, echoPackage, restCall, setUp } from "./set-up.ts";

/** Codes that a caller may see; all others belong to the logs. */
const told =
  /^(input\.(malformed|missing|type|range|shape|too_large|media_type)|model\.(unknown|alias|version)|run\.(failed|output))$/;
const statuses = [200, 202, 400, 404, 413, 415, 500];

/** Values of JSON, the more of them the nearer to a request. */
const element = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>(0, 1, 2, 3, -1, 9, 1.5, 1e39, "1", "x", true, null) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const data = fc.oneof(
  { weight: 6, arbitrary: fc.array(element, { maxLength: 6 }) },
  { weight: 3, arbitrary: fc.array(fc.array(element, { minLength: 2, maxLength: 2 }), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const tensor = fc.record(
  {
    name: fc.constantFrom("features", "int64_in", "string_in", "other", ""),
    shape: fc.oneof(fc.constantFrom([1, 2], [2, 2], [3, 2], [0, 2], [1e9, 2], [-1]), fc.jsonValue()),
    datatype: fc.constantFrom(...oipDatatype.options, "FP32", "FP32", "FP32", "FP16"),
    data,
    parameters: fc.oneof(fc.constant({}), fc.jsonValue()),
  },
  { requiredKeys: ["name", "shape"] },
);
const inferBody = fc
  .record(
    {
      id: fc.oneof(fc.string(), fc.jsonValue()),
      inputs: fc.oneof(
        { weight: 9, arbitrary: fc.array(tensor, { maxLength: 3 }) },
        { weight: 1, arbitrary: fc.jsonValue() },
      ),
      outputs: fc.oneof(
        fc.constantFrom([], [{ name: "score" }], [{ name: "string_out" }], [{}]),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: ["inputs"] },
  )
  .map((body) => JSON.stringify(body));
const eventsBody = fc
  .array(
    fc.oneof(
      fc.constantFrom(0, 3, 9, "x", null).map((place) => ask("a", place)),
      fc.jsonValue(),
    ),
    { maxLength: 4 },
  )
  .map((events) => JSON.stringify({ events }));
const outcomesBody = fc
  .array(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(0, 1, true, "x").map((label) => ({ id: "a", label })) },
      {
        weight: 1,
        arbitrary: fc.record({ id: fc.jsonValue(), label: fc.jsonValue(), time: fc.jsonValue() }),
      },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((outcomes) => JSON.stringify({ outcomes }));
const valid = fc.constantFrom(
  JSON.stringify({ inputs: [{ name: "features", shape: [2, 2], datatype: "FP32", data: [1, 0, 9, 0] }] }),
  JSON.stringify({ inputs: [{ name: "features", shape: [1, 2], datatype: "FP32", data: [1, 0] }] }),
  JSON.stringify({ events: [ask("a", 1)] }),
);
/** A text with a piece cut out, doubled or replaced. */
const damaged = fc
  .tuple(
    fc.oneof(inferBody, eventsBody, outcomesBody, valid),
    fc.nat(),
    fc.nat(20),
    fc.constantFrom("", "[[[[", '"', "\\u0000", "1e999", "{}", "\ud800"),
  )
  .map(
    ([text, at, length, piece]) =>
      text.slice(0, at % text.length) + piece + text.slice((at % text.length) + length),
  );

const body = fc.oneof(
  inferBody,
  eventsBody,
  outcomesBody,
  damaged,
  { weight: 2, arbitrary: valid },
  fc.json(),
  fc.string(),
);
const paths = fc.constantFrom(
  "/v2/models/table/infer",
  "/v2/models/echo/infer",
  "/models/table/predict",
  "/models/echo/predict",
  "/models/table/outcomes",
  "/v2/models/table/versions/champion/infer",
  "/v2/models/table/versions/x/infer",
  "/v2/models/%ff/infer",
);

function checkError(answer: Answer, path: string): void {
  const isPredict = path.startsWith("/models/");
  const { code } = isPredict ? predictErrorBody.parse(answer.json).error : oipError.parse(answer.json);
  expect(isPredict ? Object.keys(answer.json) : Object.keys(answer.json).sort()).toEqual(
    isPredict ? ["error"] : expect.arrayContaining(["error", "requestId"]),
  );
  if (code !== undefined) expect(code).toMatch(told);
  // An error without a code is one of the inside, of which a body must never be the cause.
  else expect(answer.status).toBe(404);
}

describe("ten thousand bodies", () => {
  it("get an answer by the protocol or an error of the taxonomy, and nothing of the inside", async () => {
    const outcome = { on: { type: "x" }, id: "id", label: { from: "place", above: 1 }, within: "1d" };
    const table = await setUp(tablePackage({ outcome }));
    const echo = await setUp(echoPackage(["int64", "string"]));
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(table, echo),
        paths,
        body,
        fc.boolean(),
        async (model, path, text, isBase64) => {
          const answer = await model.call("POST", path, isBase64 ? Buffer.from(text) : text);
          expect(statuses).toContain(answer.status);
          expect(answer.text).not.toMatch(/node_modules|\.ts:\d|\bat [A-Z]\w+ \(|secret/);
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
          if (answer.status === 202) outcomesAccepted.parse(answer.json);
          else if (answer.status !== 200) checkError(answer, path);
          else if (path.startsWith("/v2")) inferResponse.parse(answer.json);
          else {
            for (const each of answer.json.predictions)
              if ("error" in each) expect(each.error.code).toMatch(told);
          }
        },
      ),
      { numRuns: 10_000 },
    );
    // A fuzzer whose every body is refused at the door finds nothing.
    for (const status of [200, 202, 400, 404, 500]) expect(seen.get(status) ?? 0).toBeGreaterThan(20);
    expect(
      [...table.logger.lines, ...echo.logger.lines].every(({ message }) => message === "request failed"),
    ).toBe(true);
  }, 120_000);

  it("of arbitrary paths and methods are answered as well", async () => {
    const { call } = await setUp(tablePackage());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "POST", "PUT", "HEAD", "OPTIONS"),
        fc.string({ unit: "binary" }).map((path) => `/${path}`),
        async (method, path) => {
          const answer = restCall(method, path);
          expect(answer.path).toBe(path);
          if (method !== "HEAD") expect((await call(method, path, "x")).status).toBe(404);
        },
      ),
      { numRuns: 500 },
    );
  });
});
