import { describe, expect, it } from "vitest";
import { modelPackage } from "../../../../functions/contract/model-package.ts";
import { compileProgram } from "../../../../functions/core/inference/model-program.ts";
import { echoPackage, setUp } from "../../predict/set-up.ts";
import { compileFeatures } from "./encode-event.ts";

const inputs = [{ name: "text", type: "string" as const, shape: [null, 2] }];

describe("a feature of an input of text", () => {
  it("takes its field's text as it stands, beside others", () => {
    const { encode, problems } = compileFeatures({ a: {}, b: { from: "x.y" } }, inputs);
    expect(problems).toEqual([]);
    expect(encode('{"a":"é\\n","x":{"y":""}}')).toEqual([["é\n", ""]]);
  });

  it.each([
    ['{"b":"x"}', "input.missing", 'feature "a": got nothing at "a", expected a string; fix the producer'],
    [
      '{"a":null,"b":"x"}',
      "input.missing",
      'feature "a": got null at "a", expected a string; fix the producer',
    ],
    ['{"a":1,"b":"x"}', "input.type", 'feature "a": got 1 at "a", expected a string; fix the producer'],
    [
      '{"a":["x"],"b":"x"}',
      "input.type",
      'feature "a": got a list of 1 at "a", expected a string; fix the producer',
    ],
  ])("takes nothing else: %s", (event, code, message) => {
    expect(compileFeatures({ a: {}, b: {} }, inputs).encode(event)).toEqual([{ code, message }]);
  });

  it("has no transform, default or bound", () => {
    const { problems } = compileFeatures({ a: { as: { hash: { buckets: 4 } }, default: 1 }, b: {} }, inputs);
    expect(problems).toEqual([
      'feature "a": input "text" takes the text at "a" as it stands; remove "as", "default"',
    ]);
  });

  it("cannot be kept: stored rows are of numbers", () => {
    const files = echoPackage(["string"], { keep: true });
    const pkg = modelPackage.parse(JSON.parse(new TextDecoder().decode(files.get("model.json"))));
    const outputs = [{ name: "string_out", type: "string" as const, shape: [null, 2] }];
    const session = { inputs: [{ name: "string_in", type: "string" as const, shape: [null, 2] }], outputs };
    expect(() => compileProgram(pkg, session)).toThrow(/keep: the features of "string_in" are text/);
  });

  it("is predicted on, through the runtime and back", async () => {
    const { call } = await setUp(echoPackage(["string", "uint64"]));
    const events = [{ string_a: "a", string_b: "é", uint64_a: 1, uint64_b: 2 ** 53 - 1 }];
    const { json } = await call("POST", "/models/echo/predict", { events });
    expect(json.predictions[0].outputs).toEqual({ string: ["a", "é"], uint64: [1, 2 ** 53 - 1] });
  });
});
