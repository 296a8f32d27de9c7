import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { evaluateOutput } from "../../../functions/contract/learning.ts";
import { DependencyError, ModelRunError } from "../../../functions/core/errors.ts";
import { evaluateModel } from "../../../functions/evaluate/evaluate-model.ts";
import { tableModel } from "../../../scripts/onnx/example-models.ts";
import { drawRows, flipped, type Given, request, setUp, trainOn, withoutA } from "./held-out.ts";

const rows = drawRows(1500, 1);
const learnt = drawRows(4000, 2);
const models: Record<"weak" | "strong", Uint8Array> = { weak: new Uint8Array(), strong: new Uint8Array() };

beforeAll(async () => {
  // A champion of few trees, and one that is better.
  models.weak = await trainOn(learnt, 10);
  models.strong = await trainOn(learnt, 40);
});

async function evaluate(given: Partial<Given>) {
  const stage = await setUp({ champion: models.weak, challenger: models.strong, rows, ...given });
  const answer = await stage.evaluate();
  expect(evaluateOutput.parse(JSON.parse(JSON.stringify(answer)))).toEqual(answer);
  expect(stage.open()).toBe(0);
  const failed = answer.gates.filter(({ isPassed }) => !isPassed).map(({ name }) => name);
  return { ...stage, answer, failed };
}

describe("evaluating a new model", () => {
  it("passes one that is better, says by how much, and writes it down", async () => {
    const { answer, failed, store } = await evaluate({});
    expect([answer.passed, failed]).toEqual([true, []]);
    expect(answer.challenger.loss!).toBeLessThan(answer.champion.loss! - 0.01);
    expect(answer.why).toMatch(
      /^log-loss 0\.\d+, champion 0\.\d+; AUC 0\.\d+, champion 0\.\d+; on 1500 held-out rows$/,
    );
    expect(answer.figuresKey).toBe("learning/m/e1/figures.json");
    const stored = JSON.parse(Buffer.from(store.objects.get(answer.figuresKey)!).toString());
    expect(stored).toMatchObject({ version: 1, ...answer });
    expect(answer.challenger.sizeBytes).toBe(models.strong.byteLength);
    // A run of 512 rows takes 1 ms by this clock.
    expect(answer.challenger.latencyUs).toBeCloseTo(1000 / 512, 9);
  });

  it("passes the champion's own model, which is no worse than itself", async () => {
    const { answer } = await evaluate({
      champion: models.strong,
      training: { teacher: "champion" },
    });
    expect([answer.passed, answer.teacherLoss]).toEqual([true, 0]);
    expect(answer.challenger).toEqual(answer.champion);
  });

  it("measures what a pupil lost against its teacher", async () => {
    const { answer } = await evaluate({ training: { teacher: "champion" } });
    expect(answer.teacherLoss).toBeGreaterThan(0.01);
    expect(answer.teacherLoss).toBeLessThan(0.3);
    expect((await evaluate({})).answer.teacherLoss).toBeUndefined();
  });
});

describe("a poisoned model", () => {
  it("of flipped labels does not pass", async () => {
    const { answer, failed } = await evaluate({ challenger: await trainOn(learnt.map(flipped)) });
    expect(answer.passed).toBe(false);
    expect(failed).toEqual(["logLoss", "auc", "calibration"]);
    expect(answer.why).toMatch(/^rise of the loss: got \d\.\d+, allowed 0; fall of AUC: /);
  });

  it("of flipped labels does not pass where those held out are flipped with them", async () => {
    const { answer, failed } = await evaluate({
      challenger: await trainOn(learnt.map(flipped)),
      rows: rows.map(flipped),
    });
    expect(answer.challenger.loss!).toBeLessThan(answer.champion.loss!);
    expect([answer.passed, failed]).toEqual([false, ["labels"]]);
    expect(answer.why).toContain("as when labels are flipped");
  });

  it("that lost a feature does not pass", async () => {
    const { answer, failed } = await evaluate({ challenger: await trainOn(learnt.map(withoutA)) });
    expect([answer.passed, failed]).toEqual([false, ["logLoss", "auc"]]);
  });

  it.each([
    [2.9, true, []],
    [3.1, false, ["latencyRatio"]],
  ])("that takes %d times as long passes: %s", async (ratio, passed, gates) => {
    const costMs = (model: Uint8Array) => (model === models.weak ? 1 : ratio);
    // The package store copies: the champion is told by its size.
    const bySize = (model: Uint8Array) =>
      costMs(model.byteLength === models.weak.byteLength ? models.weak : model);
    const { answer, failed } = await evaluate({ costMs: bySize });
    expect([answer.passed, failed]).toEqual([passed, gates]);
  });

  it("of too many bytes does not pass", async () => {
    const { failed } = await evaluate({ training: { gates: { sizeBytes: models.strong.byteLength - 1 } } });
    expect(failed).toEqual(["sizeBytes"]);
  });
});

describe("a model that cannot be evaluated", () => {
  const isChallenger = (model: Uint8Array) => model.byteLength === models.strong.byteLength;

  it.each<[string, () => Partial<Given>, RegExp]>([
    [
      "is no model",
      () => ({ challenger: Uint8Array.of(1, 2, 3) }),
      /onnx runtime refuses the model of 3 bytes/,
    ],
    ["is empty", () => ({ challenger: new Uint8Array(0) }), /onnx runtime refuses/],
    ["is not there", () => ({ challenger: undefined }), /model\.onnx: gone/],
    ["has other inputs and outputs", () => ({ challenger: tableModel() }), /not what model\.json declares/],
    [
      "fails on rows",
      () => ({
        alter: (session, model) => ({
          ...session,
          run: isChallenger(model)
            ? async () => {
                throw new ModelRunError("it broke", { code: "run.failed" });
              }
            : session.run,
        }),
      }),
      /^it broke$/,
    ],
    [
      "says what is no number",
      () => ({
        alter: (session, model) => ({
          ...session,
          async run(feeds, names) {
            const tensors = await session.run(feeds, names);
            if (!isChallenger(model)) return tensors;
            const { probabilities: of } = tensors;
            return {
              probabilities: {
                ...of!,
                data: Float32Array.from(of!.data as Float32Array).fill(Number.NaN, 9),
              },
            };
          },
        }),
      }),
      /got NaN, expected finite numbers/,
    ],
  ])("because it %s does not pass, and the step does not fail", async (_, given, why) => {
    const { answer } = await evaluate(given());
    expect(answer).toMatchObject({ passed: false, gates: [], challenger: { rows: 0, loss: null } });
    expect(answer.why).toMatch(why);
    expect(answer.champion.rows).toBe(1500);
  });
});

describe("evaluating again", () => {
  it("gives the answer that stands, whatever the clock says now", async () => {
    let cost = 1;
    const stage = await setUp({
      ...{ champion: models.weak, challenger: models.strong, rows },
      costMs: (model) => (model.byteLength === models.strong.byteLength ? cost : 1),
    });
    const first = await stage.evaluate();
    cost = 100;
    expect(await stage.evaluate()).toEqual(first);
    const before = stage.store.objects.get(first.figuresKey);
    // Another model under the same key is evaluated anew.
    stage.store.objects.set(request.modelKey, await trainOn(learnt.map(flipped)));
    expect((await stage.evaluate()).passed).toBe(false);
    expect(stage.store.objects.get(first.figuresKey)).not.toEqual(before);
  });

  it("comes to the same end after it was ended before it had written", async () => {
    const stage = await setUp({ champion: models.weak, challenger: models.strong, rows });
    const put = stage.store.put;
    stage.store.put = async () => {
      throw new DependencyError("away", { code: "dependency.unavailable" });
    };
    await expect(stage.evaluate()).rejects.toMatchObject({ code: "dependency.unavailable" });
    expect(stage.open()).toBe(0);
    stage.store.put = put;
    expect((await stage.evaluate()).passed).toBe(true);
  });
});

describe("what is not the new model's fault", () => {
  it("is an error: a champion that is broken, rows that are damaged", async () => {
    const broken = await setUp({ champion: Uint8Array.of(1), challenger: models.strong, rows });
    await expect(broken.evaluate()).rejects.toMatchObject({ name: "ModelArtifactError" });
    const damaged = await setUp({ champion: models.weak, challenger: models.strong, rows });
    damaged.store.objects.delete(damaged.manifest.holdout.parts[0]!.key);
    await expect(damaged.evaluate()).rejects.toMatchObject({ code: "model.package" });
    expect(damaged.open()).toBe(0);
  });

  it("is told of in the taxonomy's errors, whatever it is asked", async () => {
    const { deps } = await setUp({ champion: models.weak, rows: rows.slice(0, 10) });
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (event) => {
        await expect(evaluateModel(event, deps)).rejects.toMatchObject({ code: "input.malformed" });
      }),
    );
  });
});
