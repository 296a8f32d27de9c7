import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Example } from "../../../../functions/contract/example.ts";
import { accuracyOf } from "../../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../../../functions/core/outcome/accuracy-store.ts";
import type { OutcomeStore } from "../../../../functions/core/outcome/outcome-store.ts";
import { type Mark, markOf } from "../../../../functions/core/state/mark.ts";
import type { ShardStateStore } from "../../../../functions/core/state/shard-state-store.ts";
import { eventMs, hourMs, stage } from "./set-up.ts";

const dayMs = 24 * hourMs;
const predictionCount = 12;

/** Facts of one shard; some of them about nothing, late, or about what others spoke of. */
const facts = fc.array(
  fc.record({
    event: fc.nat(predictionCount + 1),
    label: fc.constantFrom(0, 1),
    hours: fc.constantFrom(1, 2, 23, 26, 40),
  }),
  { minLength: 1, maxLength: 40 },
);
/** What befalls each delivery: how long it is, how far it comes before it is killed, which calls fail. */
const deliveries = fc.array(
  fc.record({
    length: fc.integer({ min: 1, max: 15 }),
    killedAfter: fc.constantFrom("join", "accuracy", "examples", "never", "never"),
    failing: fc.array(fc.nat(6), { maxLength: 3 }),
  }),
  { maxLength: 30 },
);

describe("outcomes delivered again and again", () => {
  it("are joined once each, and accuracy and examples say what one undisturbed pass would", async () => {
    await fc.assert(
      fc.asyncProperty(facts, deliveries, async (stream, troubles) => {
        const flights = stage();
        for (let event = 0; event < predictionCount; event++) {
          const eventTime = new Date(eventMs + (event % 3) * hourMs).toISOString();
          await flights.predict({ eventId: String(event), eventTime, outputs: { probability: event / 12 } });
        }
        const expected = joinedInOnePass(stream);
        const examples = new Map<string, Example>();
        let done = 0;
        const calm = { length: 10, killedAfter: "never", failing: [] } as const;
        for (const { length, killedAfter, failing } of [
          ...troubles,
          ...Array.from({ length: 40 }, () => calm),
        ]) {
          const batch = flights.batch({
            outcomes: failingAt(failing, flights.outcomes),
            sketches: failingWrites(failing, flights.sketches),
          });
          const last = Math.min(done + length, stream.length);
          for (let i = done; i < last; i++) {
            const { event, label, hours } = stream[i]!;
            batch.add({ eventId: String(event), label, timeMs: eventMs + hours * hourMs }, mark(i), 0);
          }
          let before: Mark | undefined = await batch.join(undefined);
          if (killedAfter === "join") continue;
          before = lower(before, await batch.saveAccuracy(before, 2_000_000_000));
          if (killedAfter === "accuracy") continue;
          for (const line of await batch.exampleLines(before)) examples.set(line.predictionId, line);
          if (killedAfter === "examples") continue;
          done = before === undefined ? last : positionOf(before);
        }
        expect(done).toBe(stream.length);
        const got = [...examples.values()].map(({ eventId, label }) => [Number(eventId), label] as const);
        expect(new Map(got)).toEqual(expected);
        const stored = await readAccuracy(flights.sketches, "flights", {
          fromMs: eventMs,
          toMs: eventMs + dayMs,
        });
        const brier = stored.reduce((sum, { partial }) => {
          const figures = accuracyOf(partial);
          return sum + (figures.kind === "binary" ? figures.brier! * figures.count : 0);
        }, 0);
        expect(stored.reduce((sum, { partial }) => sum + accuracyOf(partial).count, 0)).toBe(expected.size);
        expect(brier).toBeCloseTo(
          [...expected].reduce((sum, [event, label]) => sum + (event / 12 - label) ** 2, 0),
          9,
        );
      }),
      { numRuns: 150 },
    );
  });
});

/** Per predicted event the label of the first fact that came in time. */
function joinedInOnePass(stream: readonly { event: number; label: number; hours: number }[]) {
  const joined = new Map<number, number>();
  for (const { event, label, hours } of stream) {
    const isInTime = hours - (event % 3) <= 24;
    if (event < predictionCount && isInTime && !joined.has(event)) joined.set(event, label);
  }
  return joined;
}

function failingAt(positions: readonly number[], store: OutcomeStore): OutcomeStore {
  return {
    find: async (model, ids) =>
      (await store.find(model, ids)).map((each, i) => (positions.includes(i + 3) ? "failed" : each)),
    // The write may have been made though its answer was lost.
    write: async (writes) =>
      (await store.write(writes)).map((each, i) => (positions.includes(i) ? "failed" : each)),
  };
}

function failingWrites(positions: readonly number[], store: ShardStateStore): ShardStateStore {
  return {
    read: (ranges) => store.read(ranges),
    write: async (writes) => {
      const isFailing = (_: unknown, i: number) => positions.includes(i + 1);
      await store.write(writes.filter((each, i) => !isFailing(each, i)));
      return writes.flatMap((each, index) =>
        isFailing(each, index) ? [{ index, reason: "unavailable" as const }] : [],
      );
    },
  };
}

function mark(position: number): Mark {
  return markOf(String(position), 0);
}

function positionOf(of: Mark): number {
  return Number(of.split("/")[0]);
}

function lower(a: Mark | undefined, b: Mark | undefined): Mark | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}
