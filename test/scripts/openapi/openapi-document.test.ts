import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerRest } from "../../../functions/adapters/http/rest-handler.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import { createRoutes } from "../../../functions/server/routes.ts";
import { treesFolder } from "../../../scripts/models/flight-delay-trees.ts";
import { describeModel } from "../../../scripts/onnx/describe-model.ts";
import { perceptronModel } from "../../../scripts/onnx/example-models.ts";
import { describePackage } from "../../../scripts/openapi/describe-package.ts";
import { openApiDocument } from "../../../scripts/openapi/openapi-document.ts";
import { echoPackage, restCall, setUp } from "../../functions/predict/set-up.ts";
import { examplePackage, packageOf, tablePackage } from "../../functions/stream/set-up.ts";

interface Operation {
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: object } } };
  readonly responses: Readonly<
    Record<string, { readonly content: Record<string, { readonly schema: object }> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<"get" | "post", Operation | undefined>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

async function documentOf(...packages: readonly PackageFiles[]): Promise<Document> {
  const models = await Promise.all(packages.map(describePackage));
  return openApiDocument({ models, auth: "apiKey" }) as unknown as Document;
}

/** A check of values against a schema of the document, by another implementation. */
function checkBy(document: Document, schema: object): (value: unknown) => string[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile({ ...schema, components: document.components });
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
}

function requestCheck(document: Document, path: string) {
  return checkBy(document, document.paths[path]!.post!.requestBody!.content["application/json"].schema);
}

function responseCheck(document: Document, path: string, status: number, method: "get" | "post" = "post") {
  return checkBy(
    document,
    document.paths[path]![method]!.responses[status]!.content["application/json"]!.schema,
  );
}

const outcomeOf = (label: object) => ({ on: { type: "answer" }, id: "of", label, within: "48h" });

/** An event with every kind of feature, at paths that nest. */
const variedFeatures = {
  plain: { from: "a.x", min: -5, max: 5 },
  filled: { from: "a.y", default: 0 },
  deep: { from: "b.c.d", default: 1 },
  flag: { from: "flag", as: "boolean" },
  hour: { from: "at", as: "hourOfDay" },
  kind: { from: "kind", as: { index: ["p", "q", 3, true] } },
  kindOr: { from: "kindOr", as: { index: ["p"], unknown: -1 } },
  hot: { from: "hot", as: { oneHot: ["p", "q"], unknown: "zeros" } },
  hashed: { from: "hashed", as: { hash: { buckets: 8 } } },
};

describe("the OpenAPI document", () => {
  it.each([
    ["apiKey", "https://x.execute-api.eu-west-1.amazonaws.com/dev/"],
    ["iam", undefined],
  ] as const)("is valid OpenAPI 3.1 with %s", async (auth, url) => {
    const packages = [await examplePackage(treesFolder), await examplePackage("sensor-state"), echoPackage()];
    const models = await Promise.all(packages.map(describePackage));
    const document = openApiDocument({ models, auth, url }) as Record<string, unknown>;
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    expect([valid, errors]).toEqual([true, undefined]);
    expect(validator.version).toBe("3.1");
    expect(document.security).toEqual([{ [auth]: [] }]);
    const ids = JSON.stringify(document).match(/"operationId":"[^"]*"/g)!;
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("lists calls that the functions answer, and every one of them", async () => {
    const pkg = tablePackage({ outcome: outcomeOf({ from: "value", above: 15 }) });
    const document = await documentOf(pkg);
    const { call } = await setUp(pkg);
    const server = createRoutes({
      models: [],
      ledger: new MemoryLedger(),
      logger: new MemoryLogger(),
      corsOrigins: [],
    });
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const method of ["get", "post"] as const) {
        if (operations[method] === undefined) continue;
        const asked = path.replace("{version}", "champion");
        const { statusCode, body } = await answerRest(server, restCall(method.toUpperCase(), asked));
        const answer =
          statusCode === 404
            ? await call(method.toUpperCase(), asked, method === "post" ? "{}" : undefined)
            : { status: statusCode, json: JSON.parse(body) as unknown };
        expect([path, answer.status]).toEqual([path, method === "post" ? 400 : 200]);
        expect(responseCheck(document, path, answer.status, method)(answer.json)).toEqual([]);
      }
    }
    expect(Object.keys(document.paths)).toHaveLength(3 + 8);
  });

  it("has no call that takes outcomes of a model without any", async () => {
    const paths = Object.keys((await documentOf(tablePackage())).paths);
    expect(paths).toContain("/models/table/predict");
    expect(paths).not.toContain("/models/table/outcomes");
  });

  it.each([
    ["yes or no", { from: "value", above: 15 }],
    ["one of several classes", { from: "value", classes: ["a", 2, true] }],
    ["a number", { from: "value" }],
  ])(
    "describes outcomes that are %s so that the function takes exactly what is valid",
    async (_kind, label) => {
      const pkg = tablePackage({ outcome: outcomeOf(label) });
      const document = await documentOf(pkg);
      const isListed = requestCheck(document, "/models/table/outcomes");
      const isAnswer = responseCheck(document, "/models/table/outcomes", 202);
      const { call } = await setUp(pkg);
      // Times are left to the function: no schema tells an instant from other texts.
      const value = fc.constantFrom<unknown>(true, false, 0, 1, 2, -3.5, "a", "b", "", null, [], {});
      const outcome = fc.record(
        { id: value, label: value, time: fc.constantFrom("2001-01-31", 980_000_000, null), more: value },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(outcome, { maxLength: 2 }), async (outcomes) => {
          const { status, json } = await call("POST", "/models/table/outcomes", { outcomes });
          expect([outcomes, status]).toEqual([outcomes, isListed({ outcomes }).length === 0 ? 202 : 400]);
          if (status === 202) expect(isAnswer(json)).toEqual([]);
        }),
        { numRuns: 300 },
      );
    },
  );

  it("describes events so that what the function predicts on is valid, and what is not valid it refuses", async () => {
    const model = perceptronModel({ sizes: [10, 4, 1] });
    const pkg = packageOf(model, {
      name: "varied",
      event: { id: "id", time: "at", entity: "who.name" },
      features: variedFeatures,
      outputs: { out: { from: describeModel(model).outputs[0]!.name } },
    });
    const document = await documentOf(pkg);
    const isListed = requestCheck(document, "/models/varied/predict");
    const isAnswer = responseCheck(document, "/models/varied/predict", 200);
    const { call } = await setUp(pkg);
    const odd = fc.constantFrom<unknown>(
      null,
      true,
      "p",
      "q",
      "zzz",
      "",
      0,
      3,
      5,
      6,
      1e300,
      {},
      [],
      { x: 1 },
      "2001-01-31",
    );
    const near = (...values: unknown[]) =>
      fc.oneof({ weight: 12, arbitrary: fc.constantFrom<unknown>(...values) }, { weight: 1, arbitrary: odd });
    const event = fc.record(
      {
        id: near("e1", 7),
        at: near("2001-01-31T06:44:00Z", 980_000_000),
        who: near({ name: "w" }, { name: 3 }),
        a: near({ x: 1, y: 2 }, { x: -5 }, { x: 5, y: null }),
        b: near({ c: { d: 1 } }, { c: {} }, {}, { c: 4 }),
        flag: near(true, false),
        kind: near("p", 3, true),
        kindOr: near("p", "zzz", 4),
        hot: near("p", "x", null),
        hashed: near("h", 1, false),
      },
      { requiredKeys: ["id", "at", "who", "a", "flag", "kind", "kindOr", "hashed"] },
    );
    let [predicted, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(event, async (each) => {
        const { status, json } = await call("POST", "/models/varied/predict", { events: [each] });
        expect(status).toBe(200);
        expect(isAnswer(json)).toEqual([]);
        const problems = isListed({ events: [each] });
        if ("error" in json.predictions[0]) refused++;
        else {
          predicted++;
          expect(problems).toEqual([]);
        }
        if (problems.length > 0) expect(json.predictions[0]).toHaveProperty("error");
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(predicted, refused)).toBeGreaterThan(300);
  });

  it("describes the flagship's and the sensor's samples", async () => {
    for (const name of ["flight-delay", "sensor-state"]) {
      const files = await examplePackage(name);
      const document = await documentOf(files);
      const { call } = await setUp(files);
      const events = new TextDecoder()
        .decode(files.get("samples.jsonl"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).event);
      expect(requestCheck(document, `/models/${name}/predict`)({ events })).toEqual([]);
      const { json } = await call("POST", `/models/${name}/predict`, { events });
      expect(responseCheck(document, `/models/${name}/predict`, 200)(json)).toEqual([]);
      expect(json.predictions.some((each: object) => "error" in each)).toBe(false);
    }
  });

  it("describes tensors so that what the function takes is valid, and what is not valid it refuses", async () => {
    const files = echoPackage(["float32", "int8", "int64", "bool", "string"]);
    const document = await documentOf(files);
    const { call } = await setUp(files);
    const isListed = requestCheck(document, "/v2/models/echo/infer");
    const good: Record<string, unknown> = {
      float32: 1.5,
      int8: -7,
      int64: "9007199254740993",
      bool: true,
      string: "x",
    };
    const datatypes: Record<string, string> = {
      float32: "FP32",
      int8: "INT8",
      int64: "INT64",
      bool: "BOOL",
      string: "BYTES",
    };
    const element = (type: string) =>
      fc.oneof(
        { weight: 40, arbitrary: fc.constant(good[type]) },
        { weight: 1, arbitrary: fc.constantFrom<unknown>(1, "a", null, true, 200, {}) },
      );
    const tensor = (type: string) =>
      fc
        .record({
          data: fc.oneof(
            { weight: 9, arbitrary: fc.array(element(type), { minLength: 4, maxLength: 4 }) },
            { weight: 1, arbitrary: fc.array(element(type), { maxLength: 5 }) },
          ),
          isNested: fc.boolean(),
          name: fc.oneof(
            { weight: 40, arbitrary: fc.constant(`${type}_in`) },
            { weight: 1, arbitrary: fc.constant("other") },
          ),
          shape: fc.oneof(
            { weight: 40, arbitrary: fc.constant([2, 2]) },
            { weight: 1, arbitrary: fc.constantFrom([1, 2], [2], [2, 2, 1], [0, 2]) },
          ),
        })
        .map(({ data, isNested, name, shape }) => ({
          name,
          shape,
          datatype: datatypes[type],
          data: isNested ? [data.slice(0, 2), data.slice(2)] : data,
        }));
    const request = fc.record(
      {
        id: fc.string({ maxLength: 5 }),
        inputs: fc.tuple(...Object.keys(good).map(tensor)),
        outputs: fc.constantFrom([], [{ name: "string_out" }], [{ name: "none" }]),
      },
      { requiredKeys: ["inputs"] },
    );
    const counts = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(request, async (body) => {
        const { status, json } = await call("POST", "/v2/models/echo/infer", body);
        expect(responseCheck(document, "/v2/models/echo/infer", status)(json)).toEqual([]);
        const problems = isListed(body);
        if (status === 200) {
          counts.taken++;
          expect(problems).toEqual([]);
        } else counts.refused++;
        if (problems.length > 0) expect(status).toBe(400);
      }),
      { numRuns: 400 },
    );
    expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(50);
  });
});
