import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Example, exampleKey, parseExampleKey } from "../../../../../functions/contract/example.ts";
import { type ExampleBatch, exampleObjects } from "../../../../../functions/core/outcome/example-store.ts";
import {
  type ReadExamplesOptions,
  readExamples,
} from "../../../../../functions/core/train/examples/read-examples.ts";
import { MemoryObjectStore } from "../../../../scripts/redrive/memory-object-store.ts";

const startMs = Date.UTC(2001, 0, 31, 22);
const hourMs = 3_600_000;
const [served, later] = ["a".repeat(64), "b".repeat(64)];

function example(predictionId: string, hours = 0, digest = served): Example {
  return {
    ...{ predictionId, model: "flights", digest, role: "champion", eventId: predictionId },
    eventTime: new Date(startMs - hourMs).toISOString(),
    outputs: { probability: 0.5 },
    outcomeTime: new Date(startMs + hours * hourMs).toISOString(),
    features: { distance: 1 },
    label: 1,
  };
}

function write(store: MemoryObjectStore, batch: Partial<ExampleBatch>): void {
  const whole = {
    model: "flights",
    shard: "shardId-000000000000",
    first: "1",
    last: "9",
    examples: [],
    early: [],
  };
  for (const { key, lines } of exampleObjects({ ...whole, ...batch }))
    store.objects.set(key, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
}

async function read(store: MemoryObjectStore, options: Partial<ReadExamplesOptions> = {}) {
  const damaged: string[] = [];
  const examples: Example[] = [];
  const all = readExamples({
    store,
    model: "flights",
    noteDamaged: (what) => damaged.push(what),
    ...options,
  });
  for await (const each of all) examples.push(each);
  return { examples, ids: examples.map(({ predictionId }) => predictionId), damaged };
}

describe("examples read back", () => {
  it("hold every prediction once, hour by hour, however batches were cut and delivered again", async () => {
    // Deliveries of one shard: ranges of sequence numbers, which overlap at will; an event in four hours by its number.
    const ranges = fc.array(fc.tuple(fc.nat(60), fc.nat(15)), { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(ranges, ranges, async (one, other) => {
        const store = new MemoryObjectStore();
        const expected = new Set<string>();
        for (const [shard, deliveries] of [one, other].entries()) {
          for (const [first, length] of deliveries) {
            const numbers = Array.from({ length: length + 1 }, (_, i) => first + i);
            const examples = numbers.map((number) => example(`${shard}-${number}`, number % 4));
            for (const { predictionId } of examples) expected.add(predictionId);
            const range = {
              shard: `shardId-00000000000${shard}`,
              first: `${first}`,
              last: `${first + length}`,
            };
            write(store, { ...range, examples });
          }
        }
        const { examples, ids } = await read(store);
        expect(ids.toSorted()).toEqual([...expected].sort());
        const hours = examples.map(({ outcomeTime }) => outcomeTime);
        expect(hours).toEqual(hours.toSorted());
      }),
    );
  });

  it("are those of the span asked for, over midnight, and of no other model", async () => {
    const store = new MemoryObjectStore();
    write(store, { examples: [-30, -0.5, 0, 1.5, 2, 2.5, 30].map((hours) => example(`${hours} h`, hours)) });
    write(store, { model: "flights-too", examples: [example("other")] });
    const span = { fromMs: startMs, untilMs: startMs + 2.5 * hourMs };
    expect((await read(store, span)).ids).toEqual(["0 h", "1.5 h", "2 h"]);
    expect((await read(store, { fromMs: startMs })).ids).toEqual(["0 h", "1.5 h", "2 h", "2.5 h", "30 h"]);
    expect((await read(store)).ids).toHaveLength(7);
  });

  it("are what was served, where a backfill made another of the same prediction", async () => {
    const store = new MemoryObjectStore();
    const backfill = `backfill-${later.slice(0, 12)}-shardId-000000000000`;
    write(store, { shard: backfill, last: "90", examples: ["1", "2"].map((id) => example(id, 0, later)) });
    write(store, { first: "20", last: "30", examples: [example("1"), example("3")] });
    const digests = async (digest?: string) =>
      (await read(store, { ...(digest && { digest }) })).examples.map((each) => [
        each.predictionId,
        each.digest,
      ]);
    expect(await digests()).toEqual([
      ["1", served],
      ["3", served],
      ["2", later],
    ]);
    expect(await digests(later)).toEqual([
      ["1", later],
      ["2", later],
    ]);
  });

  it("are told apart from what cannot be read", async () => {
    const store = new MemoryObjectStore();
    write(store, { examples: [example("1")] });
    const line = JSON.stringify(example("2"));
    const key = (first: string) =>
      exampleKey("examples", "2001-01-31T22", { model: "flights", shard: "z", first, last: first });
    store.objects.set(key("1"), gzipSync(`${line}\n{}\nnonsense\n`));
    store.objects.set(key("2"), Buffer.from("no gzip"));
    store.objects.set("examples/flights/2001/01/31/22/notes.txt", Buffer.from(""));
    const { ids, damaged } = await read(store);
    expect(ids).toEqual(["1", "2"]);
    expect(damaged).toEqual([
      `${key("1")}: line 2 is no example`,
      `${key("1")}: line 3 is no example`,
      expect.stringContaining(`${key("2")}: cannot be unzipped beyond line 0`),
    ]);
  });

  it("need not be there any more when they are read", async () => {
    const store = new MemoryObjectStore();
    write(store, { examples: [example("1")] });
    const gone = { list: (prefix: string) => store.list(prefix), get: async () => undefined };
    expect((await read(store, { store: gone })).damaged).toEqual([
      expect.stringContaining("gone since it was listed"),
    ]);
  });
});

describe("the key of an object of examples", () => {
  it("says what it was made of", () => {
    const range = { model: "flights", shard: "shardId-000000000001", first: "49", last: "50" };
    const key = exampleKey("early", "2001-01-31T09", range);
    expect(key).toBe("early/flights/2001/01/31/09/shardId-000000000001-49-50.ndjson.gz");
    expect(parseExampleKey("early", key)).toEqual({ ...range, hour: "2001-01-31T09" });
    expect(parseExampleKey("examples", key)).toBeUndefined();
  });

  it.each([
    "examples/flights/2001/01/31/09/x.ndjson.gz",
    "examples/flights/2001/13/31/09/s-1-2.ndjson.gz",
    "examples/flights/2001/01/31/09/more/s-1-2.ndjson.gz",
    "examples/flights",
  ])("is not %s", (key) => {
    expect(parseExampleKey("examples", key)).toBeUndefined();
  });
});
