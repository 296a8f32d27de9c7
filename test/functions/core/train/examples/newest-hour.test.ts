import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryObjectStore } from "../../../../../functions/adapters/memory/memory-object-store.ts";
import { exampleKey } from "../../../../../functions/contract/example.ts";
import { newestHour } from "../../../../../functions/core/train/examples/newest-hour.ts";

const range = { shard: "shardId-000000000000", first: "1", last: "9" };
const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 1);

async function newest(hours: readonly number[], model = "m", others: readonly string[] = []) {
  const store = new MemoryObjectStore();
  const put = (key: string) => store.objects.set(key, new Uint8Array(1));
  for (const ms of hours)
    put(exampleKey("examples", new Date(ms).toISOString().slice(0, 13), { ...range, model: "m" }));
  for (const key of others) put(key);
  let lists = 0;
  const counted = {
    async *list(prefix: string) {
      lists++;
      yield* store.list(prefix);
    },
  };
  return { hour: await newestHour("examples", { store: counted, model, nowMs }), lists };
}

describe("the newest hour of examples", () => {
  it("is found among any, within 150 lists", async () => {
    const hours = fc.array(fc.integer({ min: 0, max: nowMs / hourMs }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(hours, async (given) => {
        const { hour, lists } = await newest(given.map((each) => each * hourMs));
        expect(hour).toBe(Math.max(...given) * hourMs);
        expect(lists).toBeLessThanOrEqual(150);
      }),
      { numRuns: 50 },
    );
  });

  it("is not there where there are none, and other models and strange objects are none", async () => {
    expect((await newest([])).hour).toBeUndefined();
    const others = [
      "examples/m-2/2001/01/31/09/shard-1-2.ndjson.gz",
      "early/m/2001/01/31/09/shard-1-2.ndjson.gz",
      "examples/m/2001/12/notes.txt",
    ];
    expect((await newest([], "m", others)).hour).toBeUndefined();
    expect((await newest([Date.UTC(2001, 0, 31, 9)], "m", others)).hour).toBe(Date.UTC(2001, 0, 31, 9));
  });
});
