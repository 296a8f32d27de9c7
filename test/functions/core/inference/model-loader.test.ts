import { describe, expect, it } from "vitest";
import { MemoryPackageStore } from "../../../../functions/adapters/memory/memory-package-store.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { DependencyError, ModelArtifactError } from "../../../../functions/core/errors.ts";
import { createModelLoader } from "../../../../functions/core/inference/model-loader.ts";
import { DoublingEngine, doublingPackage } from "./doubling-package.ts";

/** A store that counts its reads, fails while told to, and versions 0, 1, … that differ in a poison number. */
async function setUp() {
  const engine = new DoublingEngine();
  const store = new MemoryPackageStore();
  const reads: ModelDigest[] = [];
  const state = { isDown: false };
  const digests = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((i) => store.write("doubling", doublingPackage({ poison: [100 + i] }))),
  );
  const packages = {
    write: store.write.bind(store),
    async read(model: string, digest: ModelDigest) {
      reads.push(digest);
      if (state.isDown) throw new DependencyError("store down", { code: "dependency.unavailable" });
      return await store.read(model, digest);
    },
  };
  const loader = createModelLoader("doubling", packages, { engine, nowMs: () => 0 });
  return { engine, store, reads, state, digests, loader, load: (i: number) => loader.load(digests[i]!) };
}

describe("model loader", () => {
  it("loads a version once, however many ask at the same time, and warms the engine meanwhile", async () => {
    const { load, reads, engine } = await setUp();
    const models = await Promise.all([load(0), load(0), load(0)]);
    expect(new Set(models).size).toBe(1);
    expect(await load(0)).toBe(models[0]);
    expect([reads.length, engine.sessions.length, engine.warmCount]).toEqual([1, 1, 1]);
  });

  it("does not remember a failure: whoever asks next tries again", async () => {
    const { load, state, reads, engine } = await setUp();
    state.isDown = true;
    const failures = await Promise.allSettled([load(0), load(0)]);
    expect(failures.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(reads).toHaveLength(1);
    state.isDown = false;
    expect((await load(0)).session).toBe(engine.sessions[0]);
    expect(reads).toHaveLength(2);
  });

  it("passes on that a package is damaged", async () => {
    const { load, store, digests } = await setUp();
    store.objects.set(`models/doubling/${digests[0]}/model.onnx`, Uint8Array.of(1));
    await expect(load(0)).rejects.toThrow(ModelArtifactError);
  });

  it("keeps four versions, and releases the one used longest ago first", async () => {
    const { load, engine, reads } = await setUp();
    const released = () => engine.sessions.map(({ releaseCount }) => releaseCount);
    for (const i of [0, 1, 2, 3]) await load(i);
    expect(released()).toEqual([0, 0, 0, 0]);
    await load(0);
    await load(4);
    expect(released()).toEqual([0, 1, 0, 0, 0]);
    await load(0);
    expect(reads).toHaveLength(5);
  });

  it("does not release a version that is in use, however long ago it was asked for", async () => {
    const { load, loader, engine, digests } = await setUp();
    loader.keep([digests[0]!, digests[1]!]);
    for (const i of [0, 1, 2, 3, 4, 5]) await load(i);
    expect(engine.sessions.map(({ releaseCount }) => releaseCount)).toEqual([0, 0, 1, 1, 0, 0]);
  });

  it("counts no failed version among those kept, and lets none fail another", async () => {
    const { load, engine, state } = await setUp();
    state.isDown = true;
    const failing = [load(0), load(1)].map((each) => each.catch(() => "failed"));
    state.isDown = false;
    const [sound] = await Promise.all([load(2), ...failing]);
    expect(sound.session).toBe(engine.sessions[0]);
    await load(3);
    expect(engine.sessions.map(({ releaseCount }) => releaseCount)).toEqual([0, 0]);
  });
});
