import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import type { MemoryObjectStore } from "../../../functions/adapters/memory/memory-object-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { createTreeSearchPool } from "../../../functions/adapters/threads/tree-search-pool.ts";
import type { TrainingManifest } from "../../../functions/contract/training-data.ts";
import { holdoutFigures } from "../../../functions/core/train/evaluate/holdout-figures.ts";
import type { TrainDeps } from "../../../functions/train/deps.ts";
import { trainModel } from "../../../functions/train/train-model.ts";
import { type MadeData, madeData, manifestKey, readHoldout, request } from "./training-data.ts";

const output = "learning/flights/e1/output/";

async function train(
  made: MadeData | Awaited<ReturnType<typeof madeData>> = {},
  changes: Partial<TrainDeps> & { readonly remainingMs?: () => number } = {},
) {
  const { store, manifest } = "store" in made ? made : await madeData(made);
  const { remainingMs = () => 900_000, ...deps } = changes;
  const answer = await trainModel(request, {
    deps: { store, memoryMiB: 3008, logger: new MemoryLogger(), nowMs: () => performance.now(), ...deps },
    remainingMs,
  });
  return { answer, store, manifest };
}

function objectOf(store: MemoryObjectStore, name: string) {
  return JSON.parse(Buffer.from(store.objects.get(output + name)!).toString());
}

/** What ONNX Runtime makes of the held-out rows. */
async function runModel(store: MemoryObjectStore, manifest: TrainingManifest) {
  const { features, labels } = await readHoldout(store, manifest);
  const count = labels.length;
  const session = await createOrtEngine({ memoryMiB: 1769 }).createSession(
    store.objects.get(`${output}model.onnx`)!,
  );
  try {
    const [input] = session.inputs;
    const names = session.outputs.map(({ name }) => name);
    const feeds = { [input!.name]: { type: "float32" as const, shape: [count, 6], data: features } };
    const tensors = await session.run(feeds, names);
    const values = Float32Array.from(tensors[manifest.label.output]!.data as Float32Array);
    return { input: input!.name, names, values, labels, count };
  } finally {
    await session.release();
  }
}

describe("training a model", () => {
  it.each(["binary", "classes", "number"] as const)(
    "of %s writes one that says of the held-out rows what its metrics say",
    async (kind) => {
      const { answer, store, manifest } = await train({ kind });

      expect(answer).toMatchObject({
        ...{ modelKey: `${output}model.onnx`, metricsKey: `${output}metrics.json` },
        ...{ reportKey: `${output}report.json`, rows: 2_000 },
      });
      const { values, labels, count } = await runModel(store, manifest);
      const perRow = values.length / count;
      const scores = kind === "binary" ? values.filter((_, i) => i % 2 === 1) : values;
      const expected = holdoutFigures({ scores, labels, width: kind === "classes" ? perRow : 1 }, kind);
      const metrics = objectOf(store, "metrics.json");
      expect(metrics.rows).toBe(500);
      expect(metrics.loss).toBeCloseTo(expected.loss, 5);
      expect(metrics.brier).toBeCloseTo(expected.brier, 5);
      if (kind === "binary") expect(metrics.auc).toBeGreaterThan(0.85);
      // Guessing costs ln 2, ln 3 or so, and a standard deviation of 5.4.
      expect(metrics.loss).toBeLessThan({ binary: 0.5, classes: 0.7, number: 3.6 }[kind]);
      const report = objectOf(store, "report.json");
      expect(report.training.bestRound).toBe(answer.rounds);
      expect(report.training.holdoutLosses[answer.rounds - 1]).toBe(
        Math.min(...report.training.holdoutLosses),
      );
    },
  );

  it("gives the same bytes on one thread and on two", async () => {
    const one = await train();
    const script = new URL("../../../functions/adapters/threads/tree-search-thread.ts", import.meta.url);
    const two = await train({}, { pool: createTreeSearchPool({ threads: 2, script }) });
    const [a, b] = [one, two].map(({ store }) => Buffer.from(store.objects.get(`${output}model.onnx`)!));
    expect(a!.equals(b!)).toBe(true);
  });

  it("takes codes of categories for names, and the columns of a one-hot feature for numbers", async () => {
    const { store } = await train();
    const model = Buffer.from(store.objects.get(`${output}model.onnx`)!).toString("latin1");
    const ranked = new Set([...model.matchAll(/trees\/rank(\d+)/g)].map(([, column]) => column));
    expect([...ranked]).toEqual(["2"]);
  });

  it("weighs rows: what counts nothing is not learned from", async () => {
    const made = await madeData();
    // Every second row says the opposite and counts nothing.
    for (const part of made.manifest.train.parts) {
      const rows = new Float32Array(made.store.objects.get(part.key)!.slice().buffer);
      for (let row = 1; row < part.rows; row += 2) {
        rows[row * 8 + 6] = 1 - rows[row * 8 + 6]!;
        rows[row * 8 + 7] = 0;
      }
      await made.store.put(part.key, new Uint8Array(rows.buffer));
      part.sha256 = createHash("sha256").update(new Uint8Array(rows.buffer)).digest("hex");
    }
    await made.store.put(manifestKey, Buffer.from(JSON.stringify(made.manifest)));
    const { store } = await train(made);
    // Counted, they would leave nothing to learn.
    expect(objectOf(store, "metrics.json").auc).toBeGreaterThan(0.7);
  });

  it("runs all rounds where it never stops early", async () => {
    const { answer } = await train({ changes: { trees: { trees: 25, depth: 3, stopAfter: 0 } } });
    expect(answer.rounds).toBe(25);
  });

  it("is told by what names the champion's package goes", async () => {
    const { store, manifest } = await train({
      changes: {
        inputs: [{ name: "x", type: "float32", shape: [6] }],
        outputs: ["p", "winner"],
        label: { kind: "binary", classes: [0, 1], output: "p", index: 1 },
      },
    });
    expect(await runModel(store, manifest)).toMatchObject({ input: "x", names: ["winner", "p"] });
  });

  it("gives the probability of yes alone where the package reads a row of one", async () => {
    const both = await train();
    const alone = await train({ changes: { label: { kind: "binary", classes: [0, 1], output: "p" } } });
    const expected = (await runModel(both.store, both.manifest)).values.filter((_, i) => i % 2 === 1);
    expect(Buffer.from((await runModel(alone.store, alone.manifest)).values.buffer)).toEqual(
      Buffer.from(expected.buffer),
    );
  });
});

describe("training again", () => {
  it("does nothing more when it came to its end", async () => {
    const first = await train();
    const before = new Map(first.store.objects);
    first.store.put = () => Promise.reject(new Error("written again"));
    const again = await train(first);
    expect(again.answer).toEqual(first.answer);
    expect(again.store.objects).toEqual(before);
  });

  it.each(["metrics.json", "report.json", "model.onnx"])(
    "comes to the same model when it was killed before %s was written",
    async (name) => {
      const whole = await train();
      const made = await madeData();
      const put = made.store.put.bind(made.store);
      made.store.put = (key, body) =>
        key.endsWith(name) ? Promise.reject(new Error("killed")) : put(key, body);
      await expect(train(made)).rejects.toThrow("killed");
      expect(made.store.objects.has(`${output}model.onnx`)).toBe(false);

      made.store.put = put;
      await train(made);
      for (const each of ["model.onnx", "metrics.json"])
        expect(Buffer.from(made.store.objects.get(output + each)!)).toEqual(
          Buffer.from(whole.store.objects.get(output + each)!),
        );
    },
  );

  it("trains anew when the training data is other", async () => {
    const { store, answer } = await train();
    const other = await madeData({ rows: { train: 1_000, holdout: 500 } });
    for (const [key, body] of other.store.objects) await store.put(key, body);
    const again = await train({ store, manifest: other.manifest });
    expect([answer.rows, again.answer.rows]).toEqual([2_000, 1_000]);
  });
});

describe("training is refused", () => {
  it("before a row is read, where the rows do not fit the memory: the size at which to switch is told", async () => {
    const made = await madeData({ changes: {} });
    const rows = 20_000_000;
    const manifest = { ...made.manifest, train: { ...made.manifest.train, rows } };
    await made.store.put(manifestKey, Buffer.from(JSON.stringify(manifest)));
    const reads: string[] = [];
    const get = made.store.get.bind(made.store);
    made.store.get = (key) => {
      reads.push(key);
      return get(key);
    };
    const trial = train(made, { memoryMiB: 1769 });
    await expect(trial).rejects.toMatchObject({ name: "ConfigError", code: "config.model" });
    await expect(trial).rejects.toThrow(
      /model "flights": .*MiB.*keep to \d+ rows, or train elsewhere \(sagemaker\)/,
    );
    expect(reads.some((key) => key.endsWith(".f32"))).toBe(false);
  });

  it("where the time does not suffice, before it begins and while it trains", async () => {
    await expect(train({}, { remainingMs: () => 1 })).rejects.toMatchObject({ code: "config.model" });
    let asked = 0;
    const trial = train({}, { remainingMs: () => (++asked > 4 ? 10_000 : 900_000) });
    await expect(trial).rejects.toThrow(/got through \d+ of 30 rounds of 2000 rows/);
  });

  it.each([
    ["two inputs", { inputs: [0, 1].map(() => ({ type: "float32", shape: [3] })) }, "inputs: got 2"],
    ["doubles", { inputs: [{ type: "float64", shape: [6] }] }, "input type: got float64"],
    ["an image", { inputs: [{ type: "float32", shape: [3, 2, 1] }] }, "input shape: got [N, 3, 2, 1]"],
    [
      "three outputs",
      { outputs: ["probabilities", "label", "margin"] },
      "outputs: got probabilities, label, margin",
    ],
    [
      "a third class of two",
      { label: { kind: "binary", output: "p", index: 2 } },
      "index of the output: got 2",
    ],
  ] as const)("for a champion with %s, which trees cannot stand in for", async (_, changes, message) => {
    const trial = train({ changes: changes as Partial<TrainingManifest> });
    await expect(trial).rejects.toMatchObject({ code: "config.model" });
    await expect(trial).rejects.toThrow(message);
  });

  it("where it is not told what to train on, or that is gone or damaged", async () => {
    const { store, manifest } = await madeData();
    const deps = { store, memoryMiB: 3008, logger: new MemoryLogger(), nowMs: () => 0 };
    const call = (event: unknown) => trainModel(event, { deps, remainingMs: () => 900_000 });
    await expect(call({ model: "flights" })).rejects.toMatchObject({ code: "input.malformed" });
    await expect(call({ ...request, manifestKey: "gone" })).rejects.toMatchObject({ code: "model.package" });
    store.objects.get(manifest.train.parts[0]!.key)![5]! ^= 1;
    await expect(call(request)).rejects.toMatchObject({ code: "model.package" });
  });
});
