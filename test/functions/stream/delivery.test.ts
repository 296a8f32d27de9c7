import { describe, expect, it } from "vitest";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { MemoryPredictionStream } from "../../../functions/adapters/memory/memory-prediction-stream.ts";
import { DependencyError } from "../../../functions/core/errors.ts";
import type { PredictionBatch } from "../../../functions/core/prediction/prediction-batch.ts";
import { ask, setUp, tablePackage } from "./set-up.ts";

const small = { limits: { chunkRows: 2 } };
const six = Array.from({ length: 6 }, (_, i) => ask(`e${i}`, i % 4));

/** A table that cannot write the events named, until they are no longer. */
class FaultyStore extends MemoryPredictionStore {
  readonly broken = new Set<string>();
  readonly puts: string[][] = [];

  override async put(batch: PredictionBatch) {
    this.puts.push([...batch.eventIds]);
    const failed = batch.eventIds.flatMap((id, row) => (this.broken.has(id) ? [row] : []));
    const rows = batch.eventIds.flatMap((id, row) => (this.broken.has(id) ? [] : [row]));
    const pick = <Value>(column: readonly Value[]) => rows.map((row) => column[row]!);
    const { existing } = await super.put({
      ...batch,
      count: rows.length,
      predictionIds: pick(batch.predictionIds),
      eventIds: pick(batch.eventIds),
      bodies: pick(batch.bodies),
      expiresAt: pick(batch.expiresAt),
    });
    return { existing: new Map([...existing].map(([at, body]) => [rows[at]!, body])), failed };
  }
}

function down(what: string) {
  return async (): Promise<never> => {
    throw new DependencyError(`${what} down`, { code: "dependency.unavailable" });
  };
}

describe("a batch that is delivered again", () => {
  it("gives the same predictions each time, and one stored row each", async () => {
    const { deliver, emitted, store } = await setUp(tablePackage());
    const batch = [...six, { type: "ask", id: "e0", at: 1, place: 9e9 }, "{"];
    for (let i = 0; i < 3; i++) expect(await deliver(batch)).toEqual([]);
    const [first, second, third] = [0, 1, 2].map((i) => emitted().slice(6 * i, 6 * i + 6));
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(new Set(emitted().map(({ predictionId }) => predictionId)).size).toBe(6);
    expect(store.rows).toHaveLength(6);
  });

  it("makes no second prediction after an alias move: the stored one is what is emitted", async () => {
    const { deliver, emitted, store, publish, digest } = await setUp(tablePackage());
    await deliver([ask("a", 0), ask("b", 1)]);
    const next = await publish(tablePackage({}, [9, 8, 7, 6]));
    expect(await deliver([ask("a", 0), ask("b", 1), ask("c", 0)])).toEqual([]);
    expect(emitted().slice(2)).toMatchObject([
      { eventId: "a", digest, outputs: { score: 0.125 } },
      { eventId: "b", digest, outputs: { score: 0.25 } },
      { eventId: "c", digest: next, outputs: { score: 9 } },
    ]);
    expect(emitted().slice(2, 4)).toEqual(emitted().slice(0, 2));
    expect(store.rows).toHaveLength(3);
  });

  it("takes a fact that a producer puts twice, at other places and in other batches, for one", async () => {
    const { deliver, emitted, store } = await setUp(tablePackage(small));
    await deliver([ask("a", 0), ask("a", 0), ask("a", 0)]);
    await deliver([ask("a", 0)], 50);
    expect(new Set(emitted().map(({ predictionId }) => predictionId)).size).toBe(1);
    expect(store.rows).toHaveLength(1);
    await deliver([ask("a", 0, { at: "2001-01-31T06:44:01Z" })], 60);
    expect(store.rows).toHaveLength(2);
  });
});

describe("a dependency that fails", () => {
  it("has the batch delivered again from the lowest row that the table would not take", async () => {
    const store = new FaultyStore();
    store.broken.add("e3");
    const { deliver, emitted, counts, rejects } = await setUp(tablePackage(small), { store });
    const batch = [six[0]!, "{", six[1]!, six[2]!, { type: "other" }, six[3]!, six[4]!, "[", six[5]!];
    // Chunks: e0 e1, e2 e3, e4 e5.
    expect(await deliver(batch)).toEqual([5]);
    expect(store.puts).toEqual([
      ["e0", "e1"],
      ["e2", "e3"],
    ]);
    expect(emitted().map(({ eventId }) => eventId)).toEqual(["e0", "e1", "e2"]);
    expect(store.rows.map(({ eventId }) => eventId)).toEqual(["e0", "e1", "e2"]);
    expect(counts()).toEqual({ events: 5, predicted: 3, skipped: 1, rejected: 1, retried: 4 });
    expect(rejects.rejects).toHaveLength(1);

    store.broken.clear();
    expect(await deliver(batch.slice(5), 5)).toEqual([]);
    expect(emitted().map(({ eventId }) => eventId)).toEqual(["e0", "e1", "e2", "e3", "e4", "e5"]);
    expect(counts()).toEqual({ events: 9, predicted: 6, skipped: 1, rejected: 2, retried: 4 });
    expect(rejects.rejects).toHaveLength(2);
  });

  it("finds the lowest record behind rows that the model failed on", async () => {
    const store = new FaultyStore();
    store.broken.add("e1").add("e2");
    const { deliver, rejects, counts } = await setUp(tablePackage(), { store });
    const batch = ["{", ask("bad-1", 99), six[0]!, ask("bad-2", 99), six[2]!, six[1]!, ask("bad-3", 99)];
    expect(await deliver(batch, 10)).toEqual([14]);
    expect(rejects.rejects.map(({ code }) => code)).toEqual(["input.malformed", "run.failed", "run.failed"]);
    expect(counts()).toEqual({ events: 4, predicted: 1, skipped: 0, rejected: 3, retried: 3 });
  });

  it("shows consumers nothing that is not stored, and what is stored later is what they see", async () => {
    const store = new FaultyStore();
    store.broken.add("e0");
    const { deliver, emitted, publish } = await setUp(tablePackage(), { store });
    expect(await deliver(six)).toEqual([0]);
    expect(emitted().map(({ eventId }) => eventId)).toEqual(["e1", "e2", "e3", "e4", "e5"]);
    store.broken.clear();
    await publish(tablePackage({}, [9, 8, 7, 6]));
    expect(await deliver(six)).toEqual([]);
    expect(
      emitted()
        .slice(5)
        .map(({ eventId, outputs }) => [eventId, outputs.score]),
    ).toEqual([
      ["e0", 9],
      ["e1", 0.25],
      ["e2", 0.5],
      ["e3", 1],
      ["e4", 0.125],
      ["e5", 0.25],
    ]);
  });

  it("has the batch delivered again from the first event of a chunk that the table refused whole", async () => {
    let puts = 0;
    const store = new MemoryPredictionStore();
    const put = async (batch: PredictionBatch) => {
      puts++;
      if (puts === 2) throw new DependencyError("table down", { code: "dependency.unavailable" });
      return await store.put(batch);
    };
    const { deliver, counts, emitted, metrics, logger, rejects } = await setUp(tablePackage(small), {
      store: { put },
    });
    expect(await deliver([six[0]!, six[1]!, "{", six[2]!, "[", six[3]!, six[4]!])).toEqual([3]);
    expect(emitted().map(({ eventId }) => eventId)).toEqual(["e0", "e1"]);
    expect(rejects.rejects).toHaveLength(1);
    expect(counts()).toEqual({ events: 3, predicted: 2, skipped: 0, rejected: 1, retried: 4 });
    expect(metrics.sum("DependencyErrors")).toBe(1);
    expect(logger.lines).toMatchObject([{ level: "error", fields: { error: { name: "DependencyError" } } }]);
  });

  it("has rows that the predictions stream would not take delivered again; the table keeps them once", async () => {
    let isBroken = true;
    const stream = new MemoryPredictionStream();
    const predictions = {
      async put(batch: PredictionBatch) {
        await stream.put(batch);
        return isBroken ? [1, 3] : [];
      },
    };
    const { deliver, counts, store, metrics, logger } = await setUp(tablePackage(), { predictions });
    expect(await deliver(six)).toEqual([1]);
    expect(counts()).toEqual({ events: 1, predicted: 1, skipped: 0, rejected: 0, retried: 5 });
    expect(metrics.sum("DependencyErrors")).toBe(1);
    expect(logger.lines).toMatchObject([{ level: "warn", fields: { rows: 2, of: 6 } }]);
    isBroken = false;
    expect(await deliver(six.slice(1), 1)).toEqual([]);
    expect(store.rows).toHaveLength(6);
    expect(counts()).toMatchObject({ events: 6, predicted: 6 });
  });

  it("counts the rows that stand for the lowest of both, where table and stream refuse different ones", async () => {
    const store = new FaultyStore();
    store.broken.add("e1");
    const stream = new MemoryPredictionStream();
    const predictions = {
      async put(batch: PredictionBatch) {
        await stream.put(batch);
        // The row of e3 among those stored.
        return [batch.eventIds.indexOf("e3")];
      },
    };
    const { deliver, counts } = await setUp(tablePackage(), { store, predictions });
    expect(await deliver(six.slice(1), 1)).toEqual([1]);
    expect(stream.records.map(({ entity }) => entity)).toEqual(["e2", "e3", "e4", "e5"]);
    store.broken.clear();
    expect(await deliver(six.slice(1), 1)).toEqual([3]);
    expect(counts()).toMatchObject({ events: 2, predicted: 2 });
  });

  it("reports from the first reject when the rejects cannot be written", async () => {
    const { deliver, counts, emitted } = await setUp(tablePackage(small), {
      rejects: { write: down("rejects") },
    });
    expect(
      await deliver([six[0]!, six[1]!, { type: "other" }, six[2]!, ask("bad", 99), "{", six[3]!]),
    ).toEqual([4]);
    expect(emitted()).toHaveLength(4);
    expect(counts()).toEqual({ events: 4, predicted: 3, skipped: 1, rejected: 0, retried: 3 });
  });

  it("reports the whole batch, and rejects nothing, while the ledger is down", async () => {
    const { deliver, counts, rejects, emitted, metrics } = await setUp(tablePackage(), {
      roles: { read: down("ledger") },
    });
    expect(await deliver([six[0]!, "{"], 7)).toEqual([7]);
    expect(counts()).toEqual({ events: 0, predicted: 0, skipped: 0, rejected: 0, retried: 2 });
    expect([rejects.rejects, emitted(), metrics.sum("DependencyErrors")]).toEqual([[], [], 1]);
  });

  it("reports the whole batch, and rejects nothing, while packages cannot be read", async () => {
    const { deliver, counts, rejects, metrics, packages } = await setUp(tablePackage());
    packages.read = down("packages");
    expect(await deliver([six[0]!, "{"])).toEqual([0]);
    expect(counts()).toMatchObject({ events: 0, retried: 2 });
    expect([rejects.rejects, metrics.sum("DependencyErrors")]).toEqual([[], 1]);
  });

  it("waits for a champion: the whole batch is reported, nothing is rejected, and all of it is done later", async () => {
    const { deliver, counts, rejects, metrics, publish, emitted, logger } = await setUp(undefined);
    expect(await deliver([six[0]!, "{", six[1]!], 3)).toEqual([3]);
    expect(counts()).toEqual({ events: 0, predicted: 0, skipped: 0, rejected: 0, retried: 3 });
    expect([rejects.rejects, metrics.sum("ModelErrors")]).toEqual([[], 1]);
    expect(logger.lines).toMatchObject([{ fields: { error: { code: "model.unknown" } } }]);
    await publish(tablePackage());
    expect(await deliver([six[0]!, "{", six[1]!], 3)).toEqual([]);
    expect([emitted().length, rejects.rejects.length]).toEqual([2, 1]);
  });

  it("does not serve a package that is damaged, and serves it once it is whole again", async () => {
    const { deliver, packages, digest, rejects, metrics, emitted } = await setUp(tablePackage());
    const key = `models/table/${digest}/model.onnx`;
    const whole = packages.objects.get(key)!;
    packages.objects.set(key, whole.slice(1));
    expect(await deliver(six)).toEqual([0]);
    expect([rejects.rejects, metrics.sum("ModelErrors")]).toEqual([[], 1]);
    packages.objects.set(key, whole);
    expect(await deliver(six)).toEqual([]);
    expect(emitted()).toHaveLength(6);
  });

  it("rejects nobody for a model that fails on everything, good rows included", async () => {
    const { loader, deliver, rejects, emitted, counts, digest } = await setUp(tablePackage(small));
    const model = await loader.load(digest!);
    const { session } = model;
    const run = session.run.bind(session);
    let isBroken = false;
    // The model's own failure, on whatever rows: a place outside of its table.
    session.run = (feeds, names) =>
      run(
        isBroken
          ? { features: { ...feeds.features!, data: (feeds.features!.data as Float32Array).map(() => 99) } }
          : feeds,
        names,
      );
    expect(await deliver(six.slice(0, 2))).toEqual([]);
    isBroken = true;
    expect(await deliver(six.slice(2), 2)).toEqual([2]);
    expect([rejects.rejects, emitted().length, counts().retried]).toEqual([[], 2, 4]);
    isBroken = false;
    expect(await deliver(six.slice(2), 2)).toEqual([]);
    expect(emitted()).toHaveLength(6);
  });
});
