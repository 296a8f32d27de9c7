import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { exampleKey } from "../../../functions/contract/example.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { PackageFileName } from "../../../functions/contract/manifest.ts";
import { reference } from "../../../functions/contract/reference.ts";
import type { TrainingManifest } from "../../../functions/contract/training-data.ts";
import { DependencyError, InputError, ModelArtifactError } from "../../../functions/core/errors.ts";
import { loadModel } from "../../../functions/core/inference/loaded-model.ts";
import { packageDigest } from "../../../functions/core/inference/package-digest.ts";
import { keyOf } from "../../../functions/core/monitor/histogram.ts";
import { decodeSketch } from "../../../functions/core/monitor/sketch-codec.ts";
import { dayMs, declaration, hourMs, isoOf, model, setUp, startMs, weighed } from "./set-up.ts";

const retraining = "m-20010301-2";
const prefix = `learning/${model}/${retraining}/`;
const samples = [
  { event: { id: "1", at: isoOf(startMs), who: "w", kind: "ask", a: 1, b: 2 }, outputs: { p: 0.9525741 } },
  { event: { id: "2", at: isoOf(startMs), who: "w", kind: "ask", a: 0, b: 0 }, outputs: { p: 0.5 } },
];
const figures = {
  champion: { rows: 40, loss: 0.5, brier: 0.2, auc: 0.75, latencyUs: 1, sizeBytes: 100 },
  challenger: { rows: 40, loss: 0.4, brier: 0.1, auc: 0.8, latencyUs: 1, sizeBytes: 100 },
};
const register = {
  action: "register",
  manifestKey: `${prefix}manifest.json`,
  modelKey: `${prefix}output/model.onnx`,
  figures,
} as const;

/** A stage whose champion has samples, with examples of three days and a new model of them. */
async function ready({ bytes = weighed(3), lines = samples as readonly object[] } = {}) {
  const stage = await setUp();
  const { packages, objects, ledger, clock } = stage;
  const text = lines.map((line) => JSON.stringify(line)).join("\n");
  const files = new Map<PackageFileName, Uint8Array>([
    ["model.json", declaration()],
    ["model.onnx", weighed(1)],
    ...(lines.length === 0 ? [] : [["samples.jsonl", Buffer.from(text)] as const]),
  ]);
  const champion = await packages.write(model, files);
  const newest = (await ledger.latest(model))!;
  await ledger.append({
    ...newest,
    ...{ revision: newest.revision + 1, by: "Ann", why: "with samples" },
    change: { kind: "publish", digest: champion, sourceDigest: champion, alias: "champion" },
    aliases: { champion: { digest: champion } },
  });
  const slice = (fromDay: number, toDay: number) => ({
    ...{ rows: 1, parts: [], from: isoOf(startMs + fromDay * dayMs), to: isoOf(startMs + toDay * dayMs - 1) },
  });
  const manifest: TrainingManifest = {
    ...{ version: 1, model, execution: retraining, champion, output: `${prefix}output/`, trees: {}, seed: 0 },
    features: [
      { name: "a", width: 1, kind: "number" },
      { name: "b", width: 1, kind: "number" },
    ],
    label: { kind: "binary", classes: [0, 1], output: "p", index: 0 },
    ...{ train: slice(0, 2), holdout: slice(2, 3) },
  };
  await objects.put(register.manifestKey, Buffer.from(JSON.stringify(manifest)));
  await objects.put(register.modelKey, bytes);
  for (let hour = -24; hour < 4 * 24; hour++) await putExamples(hour);
  clock.nowMs = startMs + 5 * dayMs;
  return { ...stage, champion, run: () => stage.act(register, retraining) };

  /** One event's answer and its double; a shadow's, one of a version that is gone, and one with other features. */
  async function putExamples(hour: number): Promise<void> {
    const at = startMs + hour * hourMs + 1000;
    const event = (id: string, parts: object = {}) => ({
      ...{ predictionId: `${id} ${hour}`, model, digest: champion, role: "champion", eventId: `e${hour}` },
      ...{ eventTime: isoOf(at), outcomeTime: isoOf(at + 1), outputs: { p: 0.1 }, label: 1 },
      ...{ features: { a: 2, b: 1 }, ...parts },
    });
    const lines = [
      event("answer"),
      event("double"),
      event("shadow", { role: "shadow", eventId: "s" }),
      event("deleted", { eventId: "d", digest: "f".repeat(64) }),
      event("misfit", { eventId: "x", features: { a: [1, 2], b: 1 } }),
    ];
    const key = exampleKey("examples", isoOf(at).slice(0, 13), {
      model,
      shard: "s",
      first: `${hour + 100}`,
      last: `${hour + 100}`,
    });
    await objects.put(key, gzipSync(lines.map((line) => JSON.stringify(line)).join("\n")));
  }
}

async function filesOf(stage: Awaited<ReturnType<typeof ready>>, digest: unknown) {
  return await stage.packages.read(model, digest as ModelDigest);
}

describe("registering a version", () => {
  it("publishes the champion's declaration, the new model, and what it says of samples and examples", async () => {
    const stage = await ready();
    const { digest } = await stage.run();
    const files = await filesOf(stage, digest);
    expect([...files.keys()]).toEqual(["model.json", "model.onnx", "samples.jsonl", "reference.json"]);
    expect(declaration()).toEqual(Buffer.from(files.get("model.json")!));
    expect(packageDigest(files)).toBe(digest);
    const answers = Buffer.from(files.get("samples.jsonl")!)
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(answers.map(({ event }) => event)).toEqual(samples.map(({ event }) => event));
    expect(answers[0].outputs.p).toBeCloseTo(1 / (1 + Math.exp(-9)), 6);
    expect(answers[1].outputs.p).toBe(0.5);
    const made = reference.parse(JSON.parse(Buffer.from(files.get("reference.json")!).toString()));
    // Each event once: of the three days alone, of the champion's features, of no shadow.
    expect(made).toMatchObject({
      rows: 72,
      from: isoOf(startMs + 1000),
      to: isoOf(startMs + 3 * dayMs - hourMs + 1000),
    });
    expect(made.windows.map(({ rows }) => rows)).toEqual([24, 24, 24]);
    const { scores } = decodeSketch(Buffer.from(made.sketch, "base64"));
    expect(scores[0]).toMatchObject({ keys: [keyOf(Math.fround(1 / (1 + Math.exp(-9))))], counts: [72] });
  });

  it("tells the ledger once, with the execution and its figures, and moves no alias", async () => {
    const stage = await ready();
    const before = await stage.live();
    const first = await stage.run();
    expect(await stage.run()).toEqual(first);
    const [entry, ...rest] = await stage.ledger.history(model);
    expect(entry).toMatchObject({
      ...{ by: "learning", aliases: before, change: { kind: "publish", digest: first.digest } },
      why: `execution ${retraining}: on 40 held-out rows log-loss 0.40000 (champion 0.50000), AUC 0.80000 (champion 0.75000)`,
    });
    expect(rest.some(({ change }) => change.digest === first.digest)).toBe(false);
    expect(await stage.deps.layouts.read(model, first.digest as ModelDigest)).toMatchObject({
      features: [{ name: "a" }, { name: "b" }],
    });
    const files = await filesOf(stage, first.digest);
    const loaded = await loadModel(first.digest as ModelDigest, files, stage.deps.load);
    await loaded.session.release();
  });

  it("answers the same after it was killed behind its entry, though examples have come since", async () => {
    const stage = await ready();
    stage.ledger.isAnswerLost = true;
    await expect(stage.run()).rejects.toThrow(DependencyError);
    const [entry] = await stage.ledger.history(model);
    for (const key of stage.objects.objects.keys())
      if (key.startsWith("examples/")) stage.objects.objects.delete(key);
    expect(await stage.run()).toEqual({ digest: entry!.change.digest });
    expect(await stage.ledger.latest(model)).toEqual(entry);
  });

  it("publishes behind what others write meanwhile", async () => {
    const stage = await ready();
    stage.ledger.beforeAppend = async () => {
      stage.ledger.beforeAppend = async () => {};
      await stage.person({ kind: "share", version: stage.digest, share: 0.2 });
    };
    const { digest } = await stage.run();
    expect(await stage.ledger.latest(model)).toMatchObject({
      change: { kind: "publish", digest },
      aliases: { challenger: { digest: stage.digest, share: 0.2 } },
    });
  });

  it("publishes no version anew that was there already", async () => {
    const stage = await ready();
    const { digest } = await stage.run();
    const { length } = await stage.ledger.history(model);
    expect(await stage.act(register, "another-run")).toEqual({ digest });
    expect(await stage.ledger.history(model)).toHaveLength(length);
  });

  it("makes no samples where the champion has none", async () => {
    const stage = await ready({ lines: [] });
    const { digest } = await stage.run();
    expect([...(await filesOf(stage, digest)).keys()]).toEqual([
      "model.json",
      "model.onnx",
      "reference.json",
    ]);
  });

  it.each([
    ["lacks a feature", weighed(3, { width: 1 }), ModelArtifactError],
    ["is no model", Buffer.from("nothing"), ModelArtifactError],
    ["says what is not finite", weighed(Number.NaN), ModelArtifactError],
  ])("publishes nothing of a model that %s", async (_title, bytes, error) => {
    const stage = await ready({ bytes });
    const before = await stage.ledger.latest(model);
    await expect(stage.run()).rejects.toThrow(error);
    expect(await stage.ledger.latest(model)).toEqual(before);
  });

  it.each([
    ["the manifest", register.manifestKey, ModelArtifactError],
    ["the model", register.modelKey, ModelArtifactError],
    ["the examples", "examples/", InputError],
  ])("publishes nothing where %s is gone", async (_title, gone, error) => {
    const stage = await ready();
    for (const key of [...stage.objects.objects.keys()])
      if (key.startsWith(gone)) stage.objects.objects.delete(key);
    const before = await stage.ledger.latest(model);
    await expect(stage.run()).rejects.toThrow(error);
    expect(await stage.ledger.latest(model)).toEqual(before);
  });
});
