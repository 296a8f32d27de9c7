import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { MemoryObjectStore } from "../../../../../functions/adapters/memory/memory-object-store.ts";
import type { EarlyOutcome } from "../../../../../functions/contract/example.ts";
import { exampleObjects } from "../../../../../functions/core/outcome/example-store.ts";
import { readEarly } from "../../../../../functions/core/train/examples/read-early.ts";

const startMs = Date.UTC(2001, 0, 31, 22);
const early = (eventId: string, minutes: number): EarlyOutcome => ({
  ...{ model: "m", eventId, label: "worn" },
  outcomeTime: new Date(startMs + minutes * 60_000).toISOString(),
});

it("reads early outcomes by their hour, those of the span alone, and tells of what cannot be read", async () => {
  const store = new MemoryObjectStore();
  const range = { model: "m", shard: "shardId-000000000000", first: "1", last: "9", examples: [] };
  const given = [early("d", 200), early("a", 0), early("c", 130), early("b", 70)];
  for (const { key, lines } of exampleObjects({ ...range, early: given }))
    store.objects.set(
      key,
      gzipSync(`${lines.map((line) => JSON.stringify(line)).join("\n")}\n{"model":"m"}\n`),
    );
  const read = async (span: { fromMs?: number; untilMs?: number }) => {
    const [ids, damaged]: [string[], string[]] = [[], []];
    const all = readEarly({ store, model: "m", noteDamaged: (what) => damaged.push(what), ...span });
    for await (const { eventId } of all) ids.push(eventId);
    return { ids, damaged };
  };
  const { ids, damaged } = await read({});
  expect(ids).toEqual(["a", "b", "c", "d"]);
  expect(damaged).toHaveLength(4);
  expect(damaged[0]).toBe(
    "early/m/2001/01/31/22/shardId-000000000000-1-9.ndjson.gz: line 2 is no early outcome",
  );
  expect((await read({ fromMs: startMs + 1, untilMs: startMs + 200 * 60_000 })).ids).toEqual(["b", "c"]);
});
