import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryShardStateStore } from "../../../../functions/adapters/memory/memory-shard-state-store.ts";
import { DependencyError, ModelRunError } from "../../../../functions/core/errors.ts";
import { createSketches } from "../../../../functions/core/monitor/create-sketches.ts";
import { keyOf, totalOf } from "../../../../functions/core/monitor/histogram.ts";
import type { SketchedResult } from "../../../../functions/core/monitor/sketch-recorder.ts";
import { readSketches, sketchPartition } from "../../../../functions/core/monitor/sketch-store.ts";
import { type Mark, markOf } from "../../../../functions/core/state/mark.ts";
import type {
  FailedWrite,
  ShardStateStore,
  StateWrite,
} from "../../../../functions/core/state/shard-state-store.ts";
import { observers, plainVersion } from "./set-up.ts";

const hourMs = 3_600_000;
const startMs = Date.UTC(2001, 0, 1);
const all = { fromMs: startMs, toMs: startMs + 100 * hourMs };
const mark = (sequence: number): Mark => markOf(String(sequence), 0);

interface Row {
  readonly sequence: number;
  readonly x: number;
  /** Of event time since the start. */
  readonly hour?: number;
  readonly result?: SketchedResult;
}

/** An environment: its memory, on a store that others share. */
function environment(store: ShardStateStore) {
  const version = plainVersion();
  const clock = { ms: 0 };
  const { metrics, logger } = observers();
  const open = createSketches({
    ...{ store, model: "watched", metrics, logger },
    nowMs: () => clock.ms,
    now: () => startMs,
  });
  return { clock, logger, count, flush, deliver, errors: () => metrics.sum("SketchErrors") };

  function count(rows: readonly Row[], { shard = "s", role = "champion" as const, runMs = 0 } = {}): void {
    version.encode(rows.map(({ x }) => ({ x })));
    const done = open(shard).add({
      ...{ model: version.model, role, count: rows.length },
      timesMs: rows.map(({ hour = 0 }) => startMs + hour * hourMs + 1),
      marks: rows.map(({ sequence }) => mark(sequence)),
    });
    done(
      rows.map(({ result }) => result ?? '{"score":0.5}'),
      runMs,
    );
  }

  /** The end of a batch, when it is time to write. */
  async function flush(before?: number, shard = "s"): Promise<void> {
    clock.ms += 2000;
    await open(shard).flush(before === undefined ? undefined : mark(before));
  }

  async function deliver(rows: readonly Row[]): Promise<void> {
    count(rows);
    await flush();
  }
}

const one = (sequence: number, hour = 0): Row => ({ sequence, x: sequence, hour });

async function countedIn(store: ShardStateStore): Promise<number[]> {
  const stored = await readSketches(store, "watched", all);
  return stored.flatMap(({ sketch }) =>
    sketch.features[0]!.histogram.keys.flatMap((key, i) =>
      new Array<number>(sketch.features[0]!.histogram.counts[i]!).fill(key),
    ),
  );
}

const keysOf = (...values: readonly number[]) => values.map(keyOf);

describe("the recorder of sketches", () => {
  it("counts rows by hour, role and version, and adds up what shards wrote", async () => {
    const store = new MemoryShardStateStore();
    const { count, flush } = environment(store);
    count([one(1), one(2, 1), one(3)], { runMs: 6 });
    count([one(4)], { role: "challenger" as never });
    await flush();
    count([one(5)], { shard: "t" });
    await flush(undefined, "t");
    const stored = await readSketches(store, "watched", all);
    expect(stored.map(({ hour, role, sketch }) => [hour, role, sketch.rows, sketch.runMs])).toEqual([
      ["2001-01-01T00", "challenger", 1, 0],
      ["2001-01-01T00", "champion", 3, 4],
      ["2001-01-01T01", "champion", 1, 2],
    ]);
    expect(await readSketches(store, "watched", { ...all, role: "challenger" })).toHaveLength(1);
    expect(
      await readSketches(store, "watched", { fromMs: startMs + hourMs, toMs: startMs + hourMs }),
    ).toHaveLength(1);
    expect(await readSketches(store, "another", all)).toEqual([]);
  });

  it("counts rows that failed without a score, and rows that were refused before the model ran not at all", async () => {
    const store = new MemoryShardStateStore();
    const { deliver } = environment(store);
    await deliver([
      { sequence: 1, x: 1, result: new ModelRunError("fails", { code: "run.failed" }) },
      { sequence: 2, x: 2, result: { code: "input.range", message: "refused" } },
      { sequence: 3, x: 3 },
    ]);
    const [{ sketch } = { sketch: undefined }] = await readSketches(store, "watched", all);
    expect(sketch).toMatchObject({ rows: 2, failed: 1 });
    expect(totalOf(sketch!.scores[0]!)).toBe(1);
    expect(await countedIn(store)).toEqual(keysOf(1, 3));
  });

  it("leaves rows out that come again, and counts them when they do, wherever that is", async () => {
    const store = new MemoryShardStateStore();
    const [a, b] = [environment(store), environment(store)];
    a.count([one(1), one(2), one(3)]);
    await a.flush(2);
    await b.deliver([one(2), one(3), one(4)]);
    expect(await countedIn(store)).toEqual(keysOf(1, 2, 3, 4));
  });

  it("leaves rows of a run that was given up out", async () => {
    const store = new MemoryShardStateStore();
    const version = plainVersion();
    const recorder = createSketches({
      store,
      model: "watched",
      nowMs: () => 0,
      now: () => 0,
      ...observers(),
    })("s");
    version.encode([{ x: 1 }]);
    recorder.add({ model: version.model, role: "champion", count: 1, timesMs: [startMs], marks: [mark(1)] });
    await recorder.flush();
    expect(store.items).toEqual([]);
  });

  it("does not count again what was counted before its environment died", async () => {
    const store = new MemoryShardStateStore();
    await environment(store).deliver([one(1), one(2)]);
    await environment(store).deliver([one(1), one(2), one(3)]);
    expect(await countedIn(store)).toEqual(keysOf(1, 2, 3));
  });

  it("does not count again what a failed batch counted and brings again to this environment", async () => {
    const store = new MemoryShardStateStore();
    const { count, deliver, flush } = environment(store);
    // The batch failed with an error: nobody said what comes again.
    count([one(1), one(2)]);
    await deliver([one(1), one(2), one(3)]);
    await flush();
    expect(await countedIn(store)).toEqual(keysOf(1, 2, 3));
  });

  it("loses nothing where a shard's batches go to several environments by turns", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            who: fc.nat(2),
            size: fc.integer({ min: 1, max: 3 }),
            isDue: fc.boolean(),
            hour: fc.nat(2),
          }),
        ),
        async (batches) => {
          const store = new MemoryShardStateStore();
          const environments = [0, 1, 2].map(() => environment(store));
          let sequence = 0;
          for (const { who, size, isDue, hour } of batches) {
            const each = environments[who]!;
            each.count(Array.from({ length: size }, () => one(++sequence, hour)));
            // A little earlier than the next write is due.
            if (!isDue) each.clock.ms -= 2000;
            await each.flush();
          }
          for (const each of environments) await each.flush();
          const counted = await countedIn(store);
          expect(counted.sort((x, y) => x - y)).toEqual(
            Array.from({ length: sequence }, (_, i) => keyOf(i + 1)).sort((x, y) => x - y),
          );
          expect(environments.map(({ errors }) => errors())).toEqual([0, 0, 0]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("writes at most every two seconds, however many batches there are", async () => {
    const store = new FaultyStore();
    const { clock, count, flush } = environment(store);
    for (let i = 1; i <= 10; i++) {
      count([one(i)]);
      clock.ms -= 1500;
      await flush();
    }
    // Half a second each: at the first and after every fourth.
    expect(store.writes).toBe(3);
  });

  it("keeps what could not be written, counts the failures and writes it later, once", async () => {
    const store = new FaultyStore();
    const { deliver, errors } = environment(store);
    store.fault = "refuse";
    await deliver([one(1)]);
    store.fault = "lose answer";
    await deliver([one(2)]);
    store.fault = undefined;
    await deliver([one(3)]);
    await deliver([one(4)]);
    expect(await countedIn(store)).toEqual(keysOf(1, 2, 3, 4));
    expect(errors()).toBe(2);
  });

  it("lets rows wait while what is stored cannot be read", async () => {
    const store = new FaultyStore();
    await environment(store).deliver([one(1)]);
    const { deliver, errors } = environment(store);
    store.fault = "no reads";
    await deliver([one(1), one(2)]);
    store.fault = undefined;
    await deliver([one(3)]);
    expect(await countedIn(store)).toEqual(keysOf(1, 2, 3));
    expect(errors()).toBe(1);
  });

  it("tells of a part that it cannot read, and leaves it as it is", async () => {
    const store = new MemoryShardStateStore();
    const partitionKey = sketchPartition("watched");
    const sortKey = `2001-01-01T00#champion#${"d".repeat(64)}#s`;
    const part = { mark: mark(0), body: Uint8Array.of(9) };
    await store.write([{ partitionKey, sortKey, shard: "s", expected: undefined, part, expiresAt: 1 }]);
    const { deliver, errors, logger } = environment(store);
    await deliver([one(1)]);
    expect(errors()).toBe(1);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      "a stored sketch cannot be read; what was counted is not added to it",
    ]);
    expect(store.items[0]!.parts.get("s")).toEqual(part);
  });

  it("keeps sketches for 400 days after their hour, or after they were written", async () => {
    const store = new MemoryShardStateStore();
    await environment(store).deliver([one(1), one(2, 48)]);
    const days = store.items.map(({ expiresAt }) => (expiresAt - startMs / 1000) / 86_400);
    expect(days).toEqual([400 + 1 / 24, 402 + 1 / 24]);
  });

  it("holds few hours in memory, and goes on with one that comes again", async () => {
    const store = new MemoryShardStateStore();
    const { deliver } = environment(store);
    for (let i = 0; i < 40; i++) await deliver([one(i + 1, i % 20)]);
    const stored = await readSketches(store, "watched", all);
    expect(stored.map(({ sketch }) => sketch.rows)).toEqual(new Array(20).fill(2));
  });
});

/** A store that is out of order at times. */
class FaultyStore extends MemoryShardStateStore {
  fault: "no reads" | "refuse" | "lose answer" | undefined;
  writes = 0;

  override async read(...[ranges]: Parameters<MemoryShardStateStore["read"]>) {
    if (this.fault === "no reads") throw new DependencyError("not now", { code: "dependency.unavailable" });
    return await super.read(ranges);
  }

  override async write(writes: readonly StateWrite[]): Promise<readonly FailedWrite[]> {
    this.writes++;
    if (this.fault === undefined) return await super.write(writes);
    if (this.fault === "lose answer") await super.write(writes);
    return writes.map((_, index) => ({ index, reason: "unavailable" }));
  }
}
