import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type RedriveOptions, redrive } from "../../../scripts/redrive/redrive.ts";
import {
  MemoryEventWriter,
  MemoryObjectStore,
  storeParked,
  storeRejects,
  streamArn,
} from "./memory-object-store.ts";

let data: MemoryObjectStore;
let parked: MemoryObjectStore;
let events: MemoryEventWriter;
let runs: number;

beforeEach(() => {
  [data, parked, events, runs] = [
    new MemoryObjectStore(),
    new MemoryObjectStore(),
    new MemoryEventWriter(),
    0,
  ];
});

function run(options: Partial<RedriveOptions> = {}) {
  return redrive({
    data,
    parked,
    events,
    modelOf: async (arn) => (arn.endsWith(":function:gone") ? undefined : (arn.split(":stream-")[1] ?? null)),
    run: `run-${runs++}`,
    now: () => 0,
    ...options,
  });
}

const nothing = {
  redriven: 0,
  before: 0,
  doubles: 0,
  excluded: 0,
  incomplete: 0,
  isLimited: false,
  damaged: [],
};

describe("redrive", () => {
  it("finds nothing in empty buckets", async () => {
    expect(await run()).toEqual({ ...nothing, objects: 0 });
    expect(events.calls).toEqual([]);
  });

  it("puts the original bytes back under their old keys, in stream order over all objects", async () => {
    storeRejects(data, [
      { sequence: 5, text: "e" },
      { sequence: 9, text: "h" },
    ]);
    storeRejects(data, [{ sequence: 2, text: "b" }]);
    storeRejects(data, [
      { sequence: 7, text: "f", subIndex: 0 },
      { sequence: 7, text: "g", subIndex: 1 },
    ]);
    storeParked(parked, [
      { sequence: 3, text: "c" },
      { sequence: 4, text: "d" },
    ]);
    storeParked(parked, [{ sequence: 1, text: "a" }]);
    expect(await run()).toEqual({ ...nothing, objects: 5, redriven: 8 });
    expect(events.texts.join("")).toBe("abcdefgh");
    expect(events.calls.flat().map(({ partitionKey }) => partitionKey)).toContain("key-c");
  });

  it("puts back what two models rejected, or a bisected batch named twice, once", async () => {
    storeRejects(data, [
      { sequence: 1, text: "a" },
      { sequence: 2, text: "b" },
    ]);
    storeRejects(data, [{ sequence: 2, text: "b" }]);
    storeRejects(data, [{ sequence: 2, text: "b", model: "other" }]);
    storeParked(parked, [{ sequence: 1, text: "a" }]);
    expect(await run()).toEqual({ ...nothing, objects: 4, redriven: 2, doubles: 3 });
    expect(events.texts).toEqual(["a", "b"]);
  });

  it("puts back what stood on a shard before what stands on its children, wherever each was kept", async () => {
    const [parent, child] = ["shardId-000000000009", "shardId-000000000010"];
    storeRejects(data, [{ sequence: 8, text: "c", shard: child }]);
    storeParked(parked, [{ sequence: 9, text: "d", shard: child }]);
    storeParked(parked, [{ sequence: 1, text: "a", shard: parent }]);
    storeParked(parked, [{ sequence: 2, text: "b", shard: parent }]);
    expect((await run()).redriven).toBe(4);
    expect(events.texts).toEqual(["a", "b", "c", "d"]);
  });

  it("takes what a fan-out consumer parked for the stream's own", async () => {
    storeRejects(data, [{ sequence: 1, text: "a" }]);
    const eventSourceArn = `${streamArn}/consumer/flight-delay:1700000000`;
    storeParked(parked, [{ sequence: 1, text: "a" }], { eventSourceArn });
    expect(await run()).toEqual({ ...nothing, objects: 2, redriven: 1, doubles: 1 });
  });

  it("does not take an event within an aggregated record for the record, which was parked whole", async () => {
    storeRejects(data, [{ sequence: 1, text: "inner" }]);
    storeParked(parked, [{ sequence: 1, text: "\xf3\x89\x9a\xc2 all of it" }]);
    expect((await run()).redriven).toBe(2);
    expect(events.texts).toContain("inner");
  });

  it("leaves what the archive gave up on: the models have had it", async () => {
    storeParked(parked, [{ sequence: 1, text: "a" }], { functionName: "archive" });
    storeParked(parked, [{ sequence: 2, text: "b" }], { functionName: "gone" });
    expect(await run()).toEqual({ ...nothing, objects: 1, redriven: 1 });
    expect(events.texts).toEqual(["b"]);
  });

  it("puts nothing back a second time, and says so", async () => {
    storeRejects(data, [{ sequence: 1, text: "a" }]);
    storeParked(parked, [{ sequence: 2, text: "b" }]);
    await run();
    storeRejects(data, [{ sequence: 3, text: "c" }]);
    expect(await run()).toEqual({ ...nothing, objects: 3, redriven: 1, before: 2 });
    expect(events.texts).toEqual(["a", "b", "c"]);
  });

  it("leaves rejects that private values were taken out of, and counts them", async () => {
    storeRejects(data, [
      { sequence: 1, text: "a" },
      { sequence: 2, text: "b", removed: ["name"] },
      { sequence: 3, text: "c", isWithheld: true },
    ]);
    expect(await run()).toEqual({ ...nothing, objects: 1, redriven: 1, incomplete: 2 });
    expect(events.texts).toEqual(["a"]);
    expect(await run({ limit: 1 })).toMatchObject({ before: 1, incomplete: 2, isLimited: false });
  });

  it("puts an event back that another model kept whole, to which nothing of it is private", async () => {
    storeRejects(data, [{ sequence: 1, text: "half", removed: ["name"], model: "discreet" }]);
    storeRejects(data, [{ sequence: 1, text: "whole", model: "open" }]);
    expect(await run()).toEqual({ ...nothing, objects: 2, redriven: 1, doubles: 1 });
    expect(events.texts).toEqual(["whole"]);
  });

  it("never changes or deletes an original", async () => {
    const key = storeRejects(data, [{ sequence: 1, text: "a" }]);
    const body = data.objects.get(key);
    await run();
    expect(data.objects.get(key)).toBe(body);
    expect([...data.objects.keys()].filter((each) => each !== key)).toEqual([
      expect.stringMatching(/^redriven\/events\/shardId-000000000000\/\d+-\d+-run-0\.json$/),
    ]);
  });

  it("tells by a dry run what it would do, and writes nothing", async () => {
    storeRejects(data, [{ sequence: 1, text: "a" }]);
    expect((await run({ isDryRun: true })).redriven).toBe(1);
    expect(events.calls).toEqual([]);
    expect(data.objects.size).toBe(1);
  });

  it("stops at the limit, and goes on from there the next time", async () => {
    storeRejects(
      data,
      [1, 2, 3].map((sequence) => ({ sequence, text: `${sequence}` })),
    );
    storeRejects(data, [{ sequence: 1, text: "4", shard: "shardId-000000000001" }]);
    expect(await run({ limit: 2 })).toMatchObject({ redriven: 2, isLimited: true });
    expect(await run({ limit: 2 })).toMatchObject({ redriven: 2, before: 2, isLimited: false });
    expect(events.texts).toEqual(["1", "2", "3", "4"]);
  });

  it("takes only what it is asked for: kind, model, reason and time", async () => {
    storeRejects(data, [
      { sequence: 1, text: "early", arrivedAt: "2001-01-31T05:59:59.999Z" },
      { sequence: 2, text: "type", code: "input.type" },
      { sequence: 3, text: "range" },
      { sequence: 4, text: "late", arrivedAt: "2001-01-31T07:00:00.000Z" },
    ]);
    storeRejects(data, [{ sequence: 5, text: "other", model: "other" }]);
    storeParked(parked, [{ sequence: 6, text: "parked" }]);
    storeParked(parked, [{ sequence: 7, text: "parked other" }], { functionName: "stream-other" });
    storeParked(parked, [{ sequence: 8, text: "parked gone" }], { functionName: "gone" });
    const texts = async (options: Partial<RedriveOptions>) => {
      events = new MemoryEventWriter();
      await run({ ...options, data: withoutReceipts(data) });
      return events.texts;
    };
    expect(await texts({ kinds: ["parked"] })).toEqual(["parked", "parked other", "parked gone"]);
    expect(await texts({ model: "other" })).toEqual(["other", "parked other"]);
    expect(await texts({ reason: "input.type" })).toEqual(["type"]);
    expect(
      await texts({
        kinds: ["rejected"],
        since: Date.parse("2001-01-31T06:00:00Z"),
        until: Date.parse("2001-01-31T07:00:00Z"),
      }),
    ).toEqual(["type", "range", "other"]);
  });

  it("puts at most 500 records and 5 MiB in one call", async () => {
    const text = "x".repeat(2 * 2 ** 20);
    storeRejects(
      data,
      [1, 2, 3].map((sequence) => ({ sequence, text })),
    );
    storeRejects(
      data,
      Array.from({ length: 501 }, (_, i) => ({ sequence: 4, subIndex: i, text: "y" })),
    );
    await run();
    expect(events.calls.map((call) => call.length)).toEqual([2, 500, 2]);
  });

  it("keeps a receipt of what the stream took when it refused the rest, and goes on there", async () => {
    storeRejects(
      data,
      [1, 2, 3].map((sequence) => ({ sequence, text: `${sequence}` })),
    );
    events.takes = ({ partitionKey }) => partitionKey !== "key-2";
    await expect(run()).rejects.toMatchObject({ code: "dependency.throttled" });
    events.takes = () => true;
    expect(await run()).toMatchObject({ redriven: 1, before: 2 });
    expect(events.texts).toEqual(["1", "3", "2"]);
  });

  it("loses nothing when it dies between the stream and the receipt", async () => {
    storeRejects(data, [{ sequence: 1, text: "a" }]);
    const dying = withoutReceipts(data);
    dying.put = () => Promise.reject(new Error("killed"));
    await expect(run({ data: dying })).rejects.toThrow("killed");
    await run();
    expect(events.texts).toEqual(["a", "a"]);
    expect((await run()).redriven).toBe(0);
  });

  it("reports what it cannot read, and puts back the rest", async () => {
    const key = storeRejects(data, [{ sequence: 1, text: "a" }]);
    data.objects.set(key.replace("001.ndjson", "002.ndjson"), Buffer.from("not gzip"));
    data.objects.set("rejects/flight-delay/README", Buffer.from("not ours"));
    parked.objects.set("aws/lambda/a1b2/shard/x", Buffer.from('{"payload": "{}"}'));
    storeParked(parked, [{ sequence: 2, text: "b" }]);
    const { damaged, redriven } = await run();
    expect(redriven).toBe(2);
    expect(damaged).toEqual([
      expect.stringMatching(/^aws\/lambda\/a1b2\/shard\/x: is no parked payload/),
      expect.stringMatching(/002\.ndjson\.gz: cannot be unzipped/),
    ]);
  });

  it("refuses to go on from a receipt it cannot read", async () => {
    const key = storeRejects(data, [{ sequence: 1, text: "a" }]);
    const [range] = /\d+-\d+(?=\.ndjson)/.exec(key)!;
    data.objects.set(`redriven/events/shardId-000000000000/${range}-x.json`, Buffer.from("{"));
    await expect(run()).rejects.toThrow(/is no receipt/);
    expect(events.calls).toEqual([]);
  });

  it("puts every place back exactly once and in order, however objects overlap", async () => {
    // A place is a sequence number and one of three sub-indices; parked records are plain, so theirs is 0.
    const object = fc.record({
      isParked: fc.boolean(),
      places: fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { maxLength: 8 }),
        fc.integer({ min: 1, max: 10 }),
        async (objects, limit) => {
          [data, parked, events] = [
            new MemoryObjectStore(),
            new MemoryObjectStore(),
            new MemoryEventWriter(),
          ];
          const expected = new Set<number>();
          objects.forEach(({ isParked, places }, i) => {
            const stored = [...new Set(isParked ? places.map((place) => place - (place % 3)) : places)];
            const given = stored
              .sort((x, y) => x - y)
              .map((place) => ({
                sequence: Math.floor(place / 3),
                subIndex: place % 3,
                text: `${place}`,
                model: `m${i}`,
              }));
            if (isParked) storeParked(parked, given);
            else storeRejects(data, given);
            for (const place of stored) expected.add(place);
          });
          while ((await run({ limit })).isLimited);
          expect(events.texts).toEqual([...expected].sort((x, y) => x - y).map(String));
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** A view of a store that takes receipts and forgets them. */
function withoutReceipts(store: MemoryObjectStore): MemoryObjectStore {
  const view = new MemoryObjectStore();
  for (const [key, body] of store.objects) if (!key.startsWith("redriven/")) view.objects.set(key, body);
  return view;
}
