import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PastEvent } from "../../../scripts/archive/archived-object.ts";
import { type ReadArchiveOptions, readArchive } from "../../../scripts/archive/read-archive.ts";
import { type Given, setUp } from "../../functions/archive/set-up.ts";
import { aggregate } from "../../support/aggregate.ts";
import { MemoryObjectStore } from "../redrive/memory-object-store.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 0, 1, 22);
const shards = ["shardId-000000000001", "shardId-000000000002"] as const;

/** A stage whose archive is read. */
async function archived(...paths: string[]) {
  const stage = setUp();
  await stage.publish("m", paths);
  const store = new MemoryObjectStore();
  const damaged: string[] = [];
  return {
    store,
    damaged,
    async deliver(given: readonly Given[], shard: string = shards[0]): Promise<void> {
      expect(await stage.deliver(given, shard)).toBe(undefined);
      for (const [key, body] of stage.archive.objects) store.objects.set(key, body);
    },
    open: (options: Partial<ReadArchiveOptions> = {}) =>
      readArchive({ store, noteDamaged: (message) => void damaged.push(message), ...options }),
  };
}

async function gather(events: AsyncIterable<PastEvent>): Promise<PastEvent[]> {
  const gathered: PastEvent[] = [];
  for await (const event of events) gathered.push(event);
  return gathered;
}

const texts = async (events: AsyncIterable<PastEvent>) =>
  (await gather(events)).map(({ data }) => String(data));

describe("readArchive", () => {
  it("finds nothing in an empty archive", async () => {
    const archive = await (await archived()).open();
    expect([archive.shards, archive.objectCount, await gather(archive.all())]).toEqual([[], 0, []]);
  });

  it("gives events as they stood in the stream", async () => {
    const { deliver, open } = await archived();
    const binary = Buffer.from([0xff, 0, 1]);
    await deliver([
      { position: 1, data: '{"a": 1.0}', partitionKey: "ORD", at: "2026-01-01T22:00:00.123Z" },
      { position: 2, data: aggregate([{ partitionKey: "x", data: binary }]), at: "2026-01-01T22:00:01Z" },
    ]);
    const [first, second, ...others] = await gather((await open()).all());
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      shard: shards[0],
      subIndex: 0,
      arrivedAtMs: start + 123,
      partitionKey: "ORD",
    });
    expect(String(first!.data)).toBe('{"a": 1.0}');
    expect([second!.partitionKey, second!.data]).toEqual(["x", binary]);
  });

  it("tells what was withheld", async () => {
    const { deliver, open } = await archived("user");
    await deliver([{ position: 1, data: "ada" }]);
    const [event] = await gather((await open()).all());
    expect(event).not.toHaveProperty("data");
    expect(event!.withheld).toMatchObject({ lengthBytes: 3 });
  });

  it("gives every event of a shard once and in order, however batches were cut and delivered again", async () => {
    // A batch as [first, length]: the stream function's event source may cut and repeat them in any way.
    const batch = fc.tuple(fc.integer({ min: 0, max: 79 }), fc.integer({ min: 1, max: 40 }));
    const record = fc.record({
      parts: fc.integer({ min: 0, max: 3 }),
      minutes: fc.integer({ min: 0, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 80, maxLength: 80 }),
        fc.array(batch, { maxLength: 12 }),
        fc.integer({ min: 1, max: 80 }),
        async (records, repeats, batchLength) => {
          const { deliver, damaged, open } = await archived();
          let at = start;
          const expected: string[] = [];
          const given = records.map(({ parts, minutes }, position): Given => {
            at += minutes * 60_000;
            const names = Array.from({ length: Math.max(1, parts) }, (_, i) => `${position}/${i}`);
            expected.push(...names);
            const inner = names.map((name) => ({ partitionKey: "k", data: Buffer.from(name) }));
            const data = parts === 0 ? names[0]! : aggregate(inner);
            return { position, data, at: new Date(at).toISOString() };
          });
          const batches = Array.from({ length: Math.ceil(80 / batchLength) }, (_, i): [number, number] => [
            i * batchLength,
            batchLength,
          ]);
          for (const [first, length] of [...repeats, ...batches])
            await deliver(given.slice(first, first + length));
          const archive = await open();
          expect(await texts(archive.shard(shards[0]))).toEqual(expected);
          expect(await texts(archive.all())).toEqual(expected);
          expect(damaged).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("merges shards by arrival, then by shard, and never changes the order within one", async () => {
    const { deliver, open } = await archived();
    const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
    await deliver([
      { position: 1, data: "a1", at: at(1) },
      { position: 2, data: "a4", at: at(4) },
      // The stream's clock is approximate: it may go back.
      { position: 3, data: "a3", at: at(3) },
      { position: 4, data: "a6", at: at(6) },
    ]);
    await deliver(
      [
        { position: 1, data: "b1", at: at(1) },
        { position: 2, data: "b5", at: at(5) },
        { position: 3, data: "b6", at: at(6) },
      ],
      shards[1],
    );
    const archive = await open();
    expect(archive.shards).toEqual(shards);
    expect(await texts(archive.all())).toEqual(["a1", "b1", "a4", "a3", "b5", "a6", "b6"]);
  });

  it("reads a span of time, and of other hours nothing but names", async () => {
    const { store, deliver, open } = await archived();
    const times = [-30 * hour, -1, 0, hour, hour + 1, 2 * hour, 40 * hour];
    await deliver(
      times.map((ms, position) => ({ position, data: `${ms}`, at: new Date(start + ms).toISOString() })),
    );
    const listed: string[] = [];
    const got: string[] = [];
    const watched = {
      list: (prefix: string) => {
        listed.push(prefix);
        return store.list(prefix);
      },
      get: async (key: string) => {
        got.push(key.slice("archive/".length, "archive/2026/01/01/22".length));
        return store.get(key);
      },
    };
    const between = async (from?: number, until?: number) => {
      const span = { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
      return await texts((await open({ store: watched, ...span })).all());
    };
    expect(await between(start, start + hour + 1)).toEqual(["0", `${hour}`]);
    expect(listed).toEqual(["archive/2026/01/01/"]);
    expect(got).toEqual(["2026/01/01/22", "2026/01/01/23"]);
    expect(await between(start + 2 * hour)).toEqual([`${2 * hour}`, `${40 * hour}`]);
    expect(await between(undefined, start)).toEqual([`${-30 * hour}`, "-1"]);
    expect(await between(start, start)).toEqual([]);
    listed.length = 0;
    expect(await between(start + hour, start + 30 * hour)).toHaveLength(3);
    expect(listed).toEqual(["archive/2026/01/01/", "archive/2026/01/02/", "archive/2026/01/03/"]);
  });

  it("reports what it cannot read, and gives the rest", async () => {
    const { store, deliver, damaged, open } = await archived();
    for (let i = 0; i < 5; i++)
      await deliver([
        { position: 2 * i, data: `${2 * i}` },
        { position: 2 * i + 1, data: `${2 * i + 1}` },
      ]);
    const keys = [...store.objects.keys()];
    const lines = (i: number) => gunzipSync(store.objects.get(keys[i]!)!).toString().split("\n");
    store.objects.set(keys[0]!, Buffer.from("no gzip"));
    store.objects.set(keys[1]!, gzipSync(`${lines(1)[0]}\n{"shard":1}\n`));
    store.objects.set(keys[2]!, gzipSync(`${lines(2)[1]}\n${lines(2)[0]}\n`));
    const archive = await open({
      store: {
        list: store.list.bind(store),
        get: async (key) => (key === keys[3] ? undefined : store.get(key)),
      },
    });
    expect(await texts(archive.all())).toEqual(["2", "5", "8", "9"]);
    expect(damaged).toEqual([
      expect.stringMatching(/cannot be unzipped beyond line 0: /),
      expect.stringMatching(/line 2 is no archived event$/),
      expect.stringMatching(/line 2 is out of order$/),
      expect.stringMatching(/gone since it was listed$/),
    ]);
  });

  it("opens no object before its events are due, and closes what is left when the reader stops", async () => {
    const { store, deliver, open } = await archived();
    for (let i = 0; i < 20; i++) {
      const given = Array.from({ length: 300 }, (_, j) => ({ position: 300 * i + j, data: `${i}` }));
      await deliver(given);
    }
    let gets = 0;
    const counting = {
      list: store.list.bind(store),
      get: (key: string) => {
        gets++;
        return store.get(key);
      },
    };
    const archive = await open({ store: counting });
    expect(archive.objectCount).toBe(20);
    for await (const { data } of archive.all()) if (String(data) === "2") break;
    expect(gets).toBeLessThanOrEqual(4);
  });
});
