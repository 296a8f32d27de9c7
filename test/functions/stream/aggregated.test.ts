import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aggregate } from "../../support/aggregate.ts";
import { ask, sequenceNumber, setUp, tablePackage } from "./set-up.ts";

/** One Kinesis record that carries these events, each under a partition key of its own. */
function together(...events: readonly (object | string)[]): Buffer {
  return aggregate(
    events.map((event, i) => ({
      partitionKey: `sub-${i}`,
      data: Buffer.from(typeof event === "string" ? event : JSON.stringify(event)),
    })),
  );
}

describe("the stream function on aggregated records", () => {
  it("predicts every event of a record, beside plain ones", async () => {
    const { deliver, emitted, counts } = await setUp(tablePackage());
    expect(
      await deliver([ask("a", 0), together(ask("b", 1), { type: "other" }, ask("c", 2)), ask("d", 3)]),
    ).toEqual([]);
    expect(emitted().map(({ eventId, outputs }) => [eventId, outputs.score])).toEqual([
      ["a", 0.125],
      ["b", 0.25],
      ["c", 0.5],
      ["d", 1],
    ]);
    expect(counts()).toEqual({ events: 5, predicted: 4, skipped: 1, rejected: 0, retried: 0 });
  });

  it("rejects a bad event alone, with its own place, key and bytes", async () => {
    const { deliver, emitted, rejects } = await setUp(tablePackage());
    expect(await deliver([together(ask("a", 0), "{bad", ask("b", 99), ask("c", 1))])).toEqual([]);
    expect(emitted().map(({ eventId }) => eventId)).toEqual(["a", "c"]);
    expect(
      rejects.rejects.map(({ code, partitionKey, place, data }) => [
        code,
        partitionKey,
        place.subIndex,
        String(Buffer.from(data!, "base64")),
      ]),
    ).toEqual([
      ["input.malformed", "sub-1", 1, "{bad"],
      ["run.failed", "sub-2", 2, JSON.stringify(ask("b", 99))],
    ]);
  });

  it("names predictions of events without an id by their place within the record", async () => {
    const { deliver, emitted } = await setUp(tablePackage({ event: {} }));
    const batch = [together(ask("a", 0), ask("b", 1)), ask("c", 2)];
    await deliver(batch);
    await deliver(batch);
    const ids = emitted().map(({ eventId }) => eventId.split("/").slice(-2).join("/"));
    expect(ids.slice(0, 3)).toEqual([
      `${sequenceNumber(0)}/0`,
      `${sequenceNumber(0)}/1`,
      `${sequenceNumber(1)}/0`,
    ]);
    expect(new Set(emitted().map(({ predictionId }) => predictionId)).size).toBe(3);
  });

  it("gives every event one end, however events are spread over records and chunks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.constantFrom("ask", "skip", "bad", "fails"), { minLength: 1, maxLength: 9 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 8 }),
        fc.boolean(),
        async (records, chunkRows, plainWherePossible) => {
          const { deliver, emitted, counts, store } = await setUp(tablePackage({ limits: { chunkRows } }));
          let next = 0;
          const asked: string[] = [];
          const payloads = records.map((kinds) => {
            const events = kinds.map((kind) => {
              const id = `event-${next++}`;
              if (kind === "ask") asked.push(id);
              return kind === "ask"
                ? ask(id, 1)
                : kind === "fails"
                  ? ask(id, 77)
                  : kind === "skip"
                    ? { type: "other" }
                    : "nonsense";
            });
            return events.length === 1 && plainWherePossible ? events[0]! : together(...events);
          });
          const kinds = records.flat();
          const countOf = (kind: string) => kinds.filter((each) => each === kind).length;
          expect(await deliver(payloads)).toEqual([]);
          expect(emitted().map(({ eventId }) => eventId)).toEqual(asked);
          expect(counts()).toEqual({
            events: kinds.length,
            predicted: asked.length,
            skipped: countOf("skip"),
            rejected: countOf("bad") + countOf("fails"),
            retried: 0,
          });
          await deliver(payloads);
          expect(store.rows).toHaveLength(asked.length);
        },
      ),
      { numRuns: 40 },
    );
  });
});
