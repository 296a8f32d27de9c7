import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { joinProblems } from "../../../../functions/core/inference/event-row.ts";
import { loadModel } from "../../../../functions/core/inference/loaded-model.ts";
import { predictEvents } from "../../../../functions/core/inference/predict-events.ts";
import { differencesFrom } from "../../../../functions/core/inference/samples.ts";
import { DoublingEngine, doublingPackage } from "./doubling-package.ts";

describe("predictEvents", () => {
  it("answers every event in its place, whatever the chunks: outputs, or why there are none", async () => {
    const event = fc.oneof(
      fc
        .integer({ min: 0, max: 20 })
        .map((x) => ({ text: `{"x":${x}}`, expected: x === 13 ? "run.failed" : 2 * x })),
      fc.constantFrom(
        { text: "{", expected: "input.malformed" },
        { text: "{}", expected: "input.missing" },
        { text: '{"x":"1"}', expected: "input.type" },
        { text: '{"x":1e999}', expected: "input.range" },
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        async (events, chunkRows) => {
          const files = doublingPackage({ json: { limits: { chunkRows } }, poison: [13] });
          const model = await loadModel("d" as ModelDigest, files, {
            engine: new DoublingEngine(),
            nowMs: () => 0,
          });
          const answers = await predictEvents(
            model,
            events.map(({ text }) => ({ payload: Buffer.from(text) })),
          );
          expect(answers.map((answer) => ("outputs" in answer ? answer.outputs.y : answer.code))).toEqual(
            events.map(({ expected }) => expected),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("joins problems: the first one's code, all of the messages", () => {
    const problems = [
      { code: "input.range", message: "one" },
      { code: "input.type", message: "two" },
    ] as const;
    expect(joinProblems(problems)).toEqual({ code: "input.range", message: "one | two" });
  });
});

describe("differencesFrom", () => {
  it("allows exactly the tolerance, for numbers and within lists", () => {
    expect(differencesFrom({ a: 1, b: [1, "x"] }, { a: 1.5, b: [0.5, "x"], extra: 9 }, 0.5)).toEqual([]);
    expect(differencesFrom({ a: 1, b: [1, "x"] }, { a: 1.75, b: [1, "y"] }, 0.5)).toEqual([
      'output "a": got 1.75, expected 1 within 0.5',
      'output "b": got [1,"y"], expected [1,"x"] within 0.5',
    ]);
  });

  it("compares text to the letter, and sees what is absent, longer or of another type", () => {
    const got = { s: "late ", n: "1", l: [1, 2] };
    expect(differencesFrom({ s: "late", n: 1, l: [1], gone: 0 }, got, 9)).toEqual([
      'output "s": got "late ", expected "late"',
      'output "n": got "1", expected 1 within 9',
      'output "l": got [1,2], expected [1] within 9',
      'output "gone": got undefined, expected 0 within 9',
    ]);
  });
});
