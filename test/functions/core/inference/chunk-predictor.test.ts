import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemorySharedCache } from "../../../../functions/adapters/memory/memory-shared-cache.ts";
import { createSharedCachePolicy } from "../../../../functions/core/cache/shared-cache-policy.ts";
import type { SharedResultCache } from "../../../../functions/core/cache/shared-result-cache.ts";
import { createSharedTier, type SharedTier } from "../../../../functions/core/cache/shared-tier.ts";
import { ModelArtifactError, ModelRunError } from "../../../../functions/core/errors.ts";
import {
  type ChunkPredictorOptions,
  createChunkPredictor,
} from "../../../../functions/core/inference/chunk-predictor.ts";
import { seededRandom } from "../../../../scripts/onnx/random.ts";
import { buffersOf, DoublingSession, doubled, fill } from "./fake-session.ts";

class MapCache extends Map<string, string> {}

/** A predictor over a clock that moves on by `costMs` with each look, so that runs seem to take that long. */
function predictorOf(session: DoublingSession, costMs: number, options: Partial<ChunkPredictorOptions> = {}) {
  const buffers = buffersOf([], 64);
  let nowMs = 0;
  const predictor = createChunkPredictor({
    session,
    outputs: doubled,
    buffers,
    keyPrefix: "digest-1",
    nowMs: () => {
      nowMs += costMs;
      return nowMs;
    },
    ...options,
  });
  return {
    predict(rows: readonly number[]) {
      fill(buffers, rows);
      return predictor.predict(rows.length);
    },
  };
}

describe("chunk predictor", () => {
  it("answers with a cache as without one, poison and all, and runs fewer rows", async () => {
    const rows = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(rows, { minLength: 1, maxLength: 6 }),
        fc.uniqueArray(fc.nat(12), { maxLength: 3 }),
        async (chunks, poison) => {
          const [plain, cached] = [new DoublingSession(poison), new DoublingSession(poison)];
          const without = predictorOf(plain, 100);
          const using = predictorOf(cached, 100, { cache: new MapCache() });
          for (const chunk of chunks) {
            const [expected, got] = [await without.predict(chunk), await using.predict(chunk)];
            const shown = (results: typeof got) =>
              results.map((each) => (typeof each === "string" ? each : each.code));
            expect(shown(got)).toEqual(shown(expected));
            expect(shown(got)).toEqual(
              chunk.map((row) => (poison.includes(row) ? "run.failed" : `{"y":${row * 2}}`)),
            );
          }
          // Halving runs rows again, and how often depends on where the guilty ones stand: without them fewer rows run.
          if (poison.length > 0) return;
          expect(cached.runs.flat().length).toBeLessThanOrEqual(plain.runs.flat().length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("answers with a shared cache as without one, whatever it holds, whoever else writes to it and however it fails", async () => {
    const rows = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(rows, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 6 }),
        fc.uniqueArray(fc.nat(12), { maxLength: 3 }),
        fc.boolean(),
        async (chunks, poison, hasLocal) => {
          const memory = new MemorySharedCache({ ttlSeconds: 60, now: () => 0 });
          let isDown = false;
          const cache: SharedResultCache = {
            get: async (keys) => (isDown ? { found: new Map(), failed: true } : await memory.get(keys)),
            set: async (entries) => !isDown && (await memory.set(entries)),
          };
          const random = seededRandom(1);
          const predictors = [0, 1].map(() =>
            predictorOf(new DoublingSession(poison), 100, {
              cache: hasLocal ? new MapCache() : undefined,
              shared: createSharedTier({
                ...{ model: "m", computedBy: "test", cache, tolerance: 0, checkedRatio: 0.2, nowMs: () => 0 },
                // Time that stands still would let one failure end all asking.
                policy: { ...createSharedCachePolicy("always", () => 0), isWorthwhile: () => true },
                random: random.uniform,
              }),
            }),
          );
          for (const [chunk, second, down] of chunks) {
            isDown = down;
            const got = await predictors[second ? 1 : 0]!.predict(chunk);
            expect(got.map((each) => (typeof each === "string" ? each : each.code))).toEqual(
              chunk.map((row) => (poison.includes(row) ? "run.failed" : `{"y":${row * 2}}`)),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("runs what nobody has run before it, and no row that another has", async () => {
    const cache = new MemorySharedCache({ ttlSeconds: 60, now: () => 0 });
    const make = (keyPrefix: string) => {
      const session = new DoublingSession();
      const policy = createSharedCachePolicy("always", () => 0);
      const shared = createSharedTier({
        ...{ model: "m", computedBy: "test", cache, policy, tolerance: 0, random: () => 0.5, nowMs: () => 0 },
      });
      return { session, ...predictorOf(session, 100, { shared, keyPrefix }) };
    };
    await make("digest-1").predict([1, 2, 1]);
    const second = make("digest-1");
    expect(await second.predict([3, 1, 2, 3])).toEqual(['{"y":6}', '{"y":2}', '{"y":4}', '{"y":6}']);
    expect(second.session.runs).toEqual([[3]]);
    const other = make("digest-2");
    await other.predict([1, 2]);
    expect(other.session.runs).toEqual([[1, 2]]);
  });

  it("does not take rows for dearer because few of them were left to run", async () => {
    const costs: (number | undefined)[] = [];
    const shared: SharedTier = {
      isWorthwhile: (rowCostMs) => {
        costs.push(rowCostMs);
        return costs.length > 1;
      },
      lookUp: async (keys) => ({
        answered: new Map(keys.slice(1).map((key) => [key, "found"])),
        settle: async () => undefined,
      }),
    };
    const { predict } = predictorOf(new DoublingSession(), 100, { shared });
    const rows = Array.from({ length: 50 }, (_, i) => i);
    for (let i = 0; i < 4; i++) await predict(rows);
    // Each run takes 100 ms: 2 ms a row for all 50, and not 100 for the one that was left.
    expect(costs).toEqual([undefined, 2, 2, 2]);
  });

  it("runs equal rows once and known rows never, from the second chunk on", async () => {
    const session = new DoublingSession();
    const { predict } = predictorOf(session, 100, { cache: new MapCache() });
    await predict([9]);
    expect(await predict([1, 2, 1, 3, 2, 1])).toEqual([
      '{"y":2}',
      '{"y":4}',
      '{"y":2}',
      '{"y":6}',
      '{"y":4}',
      '{"y":2}',
    ]);
    expect(await predict([3, 4, 1, 4])).toEqual(['{"y":6}', '{"y":8}', '{"y":2}', '{"y":8}']);
    expect(await predict([4, 3])).toEqual(['{"y":8}', '{"y":6}']);
    expect(session.runs).toEqual([[9], [1, 2, 3], [4]]);
  });

  it("leaves the cache alone where a row costs less than looking it up, until rows grow dear", async () => {
    const session = new DoublingSession();
    const cache = new MapCache();
    let durationMs = 0.001;
    let nowMs = 0;
    let looks = 0;
    const { predict } = predictorOf(session, 0, {
      cache,
      nowMs: () => {
        looks++;
        if (looks % 2 === 0) nowMs += durationMs;
        return nowMs;
      },
    });
    await predict([1, 1]);
    await predict([1, 1]);
    expect([cache.size, session.runs.flat().length]).toEqual([0, 4]);
    durationMs = 1;
    await predict([1, 1]);
    await predict([1, 1]);
    expect(cache.size).toBe(1);
    expect(session.runs.at(-1)).toEqual([1]);
  });

  it("looks rows up only now and then where hardly any was seen before, until they come again", async () => {
    const session = new DoublingSession();
    const cache = new MapCache();
    // 16 µs a row: one hit in 16 would pay.
    const { predict } = predictorOf(session, 64 * 0.016, { cache });
    let next = 0;
    const predictDistinct = async (count: number) => {
      for (let i = 0; i < count; i += 64) await predict(Array.from({ length: 64 }, () => next++));
    };
    await predictDistinct(64 + 4_096);
    expect(cache.size).toBe(4_096);
    await predictDistinct(16 * 4_096);
    expect(cache.size).toBe(4_096);
    await predictDistinct(2 * 4_096);
    expect(cache.size).toBe(2 * 4_096);
    await predictDistinct(15 * 4_096);
    const rowsBefore = session.runs.flat().length;
    for (let i = 0; i < 2 * 4_096; i += 64) await predict(new Array(64).fill(64));
    expect(session.runs.flat().length).toBe(rowsBefore);
    await predictDistinct(64);
    expect(cache.size).toBe(2 * 4_096 + 64);
  });

  it("does not remember failures", async () => {
    const session = new DoublingSession([5]);
    const { predict } = predictorOf(session, 100, { cache: new MapCache() });
    await predict([1]);
    expect((await predict([5, 2]))[0]).toBeInstanceOf(ModelRunError);
    session.poison.clear();
    expect(await predict([5, 2])).toEqual(['{"y":10}', '{"y":4}']);
  });

  it("never takes an answer of another version: keys begin with the digest", async () => {
    const cache = new MapCache();
    const one = predictorOf(new DoublingSession(), 100, { cache, keyPrefix: "digest-1" });
    const other = new DoublingSession();
    const two = predictorOf(other, 100, { cache, keyPrefix: "digest-2" });
    await one.predict([1]);
    await one.predict([7]);
    expect([...cache.keys()].every((key) => key.startsWith("digest-1"))).toBe(true);
    await two.predict([1]);
    await two.predict([7]);
    expect(other.runs).toEqual([[1], [7]]);
    expect(cache.size).toBe(2);
  });

  it("tells of every run: its rows and its time", async () => {
    const told: [number, number][] = [];
    const { predict } = predictorOf(new DoublingSession(), 3, { onRun: (rows, ms) => told.push([rows, ms]) });
    await predict([1, 2]);
    await predict([]);
    expect(told).toEqual([[2, 3]]);
  });

  it("blames the model, not the rows, where all fail and so does a row known to be good", async () => {
    const session = new DoublingSession([1, 2]);
    let isSound = false;
    let probes = 0;
    const probe = async () => {
      probes++;
      return isSound;
    };
    const { predict } = predictorOf(session, 1, { probe });
    const failure = await predict([1, 2]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ModelArtifactError);
    expect(failure).toMatchObject({
      code: "model.samples",
      message:
        "model: all 2 row(s) of a chunk failed, and so does a row that it answered before; roll back, or publish a sound version",
      cause: expect.any(ModelRunError),
    });
    isSound = true;
    expect((await predict([1, 2])).every((each) => each instanceof ModelRunError)).toBe(true);
    expect(probes).toBe(2);
    expect(await predict([1, 3])).toEqual([expect.any(ModelRunError), '{"y":6}']);
    expect(await predict([3, 1])).toEqual(['{"y":6}', expect.any(ModelRunError)]);
    expect(probes).toBe(2);
  });

  it("blames the rows where no good row is known", async () => {
    const { predict } = predictorOf(new DoublingSession([1]), 1);
    expect(await predict([1])).toEqual([expect.any(ModelRunError)]);
  });
});
