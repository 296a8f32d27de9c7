import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { ModelArtifactError, ModelRunError } from "../../../../functions/core/errors.ts";
import type { ChunkPredictor } from "../../../../functions/core/inference/chunk-predictor.ts";
import { loadModel } from "../../../../functions/core/inference/loaded-model.ts";
import { DoublingEngine, type DoublingFiles, doublingPackage } from "./doubling-package.ts";
import { fill } from "./fake-session.ts";

const digest = "d".repeat(64) as ModelDigest;

async function load(
  files: DoublingFiles | ReturnType<typeof doublingPackage> = {},
  engine = new DoublingEngine(),
) {
  const made = files instanceof Map ? files : doublingPackage(files);
  return { engine, model: await loadModel(digest, made, { engine, nowMs: () => 0 }) };
}

async function failureOf(files: Parameters<typeof load>[0]) {
  const engine = new DoublingEngine();
  const error = await load(files, engine).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ModelArtifactError);
  return { engine, error: error as ModelArtifactError };
}

describe("loadModel", () => {
  it("makes a package ready: defaults filled in, samples run in one run, one row probed", async () => {
    const { model, engine } = await load({
      samples: [
        [1, 2],
        [2.5, 5],
      ],
    });
    expect(model).toMatchObject({
      digest,
      package: { name: "doubling", keep: false, limits: { chunkRows: 1024 } },
    });
    expect(engine.sessions[0]?.runs).toEqual([[1, 2.5], [1]]);
    fill(model.buffers, [21]);
    expect(await model.predictor.predict(1)).toEqual(['{"y":42}']);
    expect(engine.sessions[0]?.releaseCount).toBe(0);
  });

  it("makes predictors of other outputs, which use the same caches and never each other's results", async () => {
    const engine = new DoublingEngine();
    const stored = new Map<string, string>();
    let nowMs = 0;
    const model = await loadModel(digest, doublingPackage(), {
      engine,
      makeCache: () => stored,
      nowMs: () => ++nowMs,
    });
    const other = model.makePredictor({
      name: "other",
      encoder: { tensorNames: ["y"], encode: ({ y }, row) => `other ${y!.data[row]}` },
    });
    const predict = async (predictor: ChunkPredictor, row: number) => {
      fill(model.buffers, [row]);
      return await predictor.predict(1);
    };
    // Nothing is cached before a run has been timed.
    await predict(model.predictor, 0);
    await predict(other, 0);
    for (let i = 0; i < 2; i++) {
      expect(await predict(model.predictor, 21)).toEqual(['{"y":42}']);
      expect(await predict(other, 21)).toEqual(["other 42"]);
    }
    expect([stored.size, engine.sessions[0]?.runs.slice(1)]).toEqual([2, [[0], [0], [21], [21]]]);
  });

  it("needs no samples", async () => {
    const { engine } = await load();
    expect(engine.sessions[0]?.runs).toEqual([[0]]);
  });

  it("skips empty lines, and runs no more samples than a cold start can bear", async () => {
    const samples = ["", ...Array.from({ length: 40 }, (_, i) => [i, 2 * i] as const), " "];
    const { engine } = await load({ samples });
    expect(engine.sessions[0]?.runs[0]).toHaveLength(32);
  });

  it("runs samples chunk by chunk where chunks are small", async () => {
    const { engine } = await load({
      json: { limits: { chunkRows: 2 } },
      samples: [
        [1, 2],
        [2, 4],
        [3, 6],
      ],
    });
    expect(engine.sessions[0]?.runs).toEqual([[1, 2], [3], [3]]);
  });

  it("takes answers within the tolerance and none beyond it", async () => {
    await load({
      json: { samplesTolerance: 0.5 },
      samples: [
        [1, 2.5],
        [1, 1.5],
      ],
    });
    const { error, engine } = await failureOf({
      json: { samplesTolerance: 0.25 },
      samples: [
        [1, 2.5],
        [1, 1.75],
        [3, 7],
      ],
    });
    expect(error.code).toBe("model.samples");
    expect(error.details.problems).toEqual([
      'sample 1: output "y": got 2, expected 2.5 within 0.25',
      'sample 3: output "y": got 6, expected 7 within 0.25',
    ]);
    expect(error.message).toMatch(/^model fails its own samples: sample 1: .* \| sample 3: /);
    expect(engine.sessions[0]?.releaseCount).toBe(1);
  });

  it("fails for samples that the package rejects or the model cannot run, and releases the session", async () => {
    const rejected = await failureOf({ samples: ['{"event":{"x":"far"},"outputs":{"y":0}}'] });
    expect(rejected.error.details.problems).toEqual([
      'sample 1: feature "x": got "far", expected a number; fix the producer',
    ]);
    const failed = await failureOf({ poison: [3], samples: [[3, 6]] });
    expect(failed.error).toMatchObject({
      code: "model.samples",
      message: expect.stringContaining("the run failed"),
    });
    for (const { engine } of [rejected, failed]) expect(engine.sessions[0]?.releaseCount).toBe(1);
  });

  it.each<[string, DoublingFiles, string]>([
    ["model.json that is not JSON", { json: "{" }, "model.json: not JSON; publish the package again"],
    [
      "model.json that the schema refuses",
      { json: { features: {} } },
      "model.json: not valid for this release; publish the package again",
    ],
    [
      "a sample that is not JSON",
      { samples: [[1, 2], "{"] },
      "samples.jsonl, sample 2: not JSON; publish the package again",
    ],
    [
      "a sample that is none",
      { samples: ['{"event":1}'] },
      "samples.jsonl, sample 1: not valid for this release; publish the package again",
    ],
  ])("refuses %s", async (_, files, message) => {
    const { error, engine } = await failureOf(files);
    expect(error).toMatchObject({ code: "model.package", message });
    expect(engine.sessions).toEqual([]);
  });

  it.each(["model.json", "model.onnx"] as const)("refuses a package without %s", async (name) => {
    const files = doublingPackage();
    files.delete(name);
    const { error } = await failureOf(files);
    expect(error).toMatchObject({ code: "model.package", message: `${name}: missing from the package` });
  });

  it("lists everything that does not fit between package and model, and releases the session", async () => {
    const { error, engine } = await failureOf({
      json: {
        features: { x: { from: "x" }, z: { from: "z", min: 2, max: 1 } },
        outputs: { y: { from: "nope" } },
      },
    });
    expect(error.code).toBe("model.package");
    expect(error.message).toMatch(/^package "doubling" does not fit its model: /);
    expect(error.details.problems).toEqual([
      'feature "z": min must not exceed max',
      expect.stringContaining('input "x" (float64 [N, 1]): the features "x", "z" make rows of shape [N, 2]'),
      'output "y": the model has no output "nope", only "y"; correct "from"',
    ]);
    expect(engine.sessions[0]?.releaseCount).toBe(1);
  });

  it("knows a good row, and blames the model when that fails too", async () => {
    const { model, engine } = await load({ samples: [[1, 2]] });
    const session = engine.sessions[0]!;
    session.poison.add(7);
    fill(model.buffers, [7]);
    expect(await model.predictor.predict(1)).toEqual([expect.any(ModelRunError)]);
    session.poison.add(1);
    await expect(model.predictor.predict(1)).rejects.toThrow(ModelArtifactError);
  });

  it("knows no good row of a model that has no samples and cannot take zeros", async () => {
    const { model } = await load({ poison: [0] });
    fill(model.buffers, [0]);
    expect(await model.predictor.predict(1)).toEqual([expect.any(ModelRunError)]);
  });

  it("makes a cache of the package's size, or none", async () => {
    const asked: number[] = [];
    const makeCache = (memoryBytes: number) => {
      asked.push(memoryBytes);
      return new Map<string, string>();
    };
    for (const memoryBytes of [0, 1000]) {
      const engine = new DoublingEngine();
      await loadModel(digest, doublingPackage({ json: { cache: { memoryBytes } } }), {
        engine,
        makeCache,
        nowMs: () => 0,
      });
    }
    expect(asked).toEqual([1000]);
  });
});
