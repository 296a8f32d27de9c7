import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ClockSnapshot,
  createEventClock,
  jumpCount,
  unsetClock,
} from "../../../../functions/core/state/event-clock.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How far ahead events may be in these tests. */
const aheadMs = hourMs;
/** A Friday. */
const fridayMs = Date.parse("2026-01-02T16:00:00Z");

interface Seen {
  readonly timeMs: number;
  readonly arrivalMs: number;
}

/** Admit every event in order. @returns whether each was, and where the clock stood then. */
function run(events: readonly Seen[], start: ClockSnapshot = unsetClock) {
  const clock = createEventClock(aheadMs, start);
  return events.map(({ timeMs, arrivalMs }) => ({
    isAdmitted: clock.admit(timeMs, arrivalMs),
    newestMs: clock.newestMs,
  }));
}

/** A stream of the past, replayed: times go on, now and then back, never more than the bound ahead. */
const replay = fc
  .array(fc.record({ stepMs: fc.integer({ min: -2 * hourMs, max: aheadMs }), waitMs: fc.nat(60_000) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let newestMs = Date.parse("2001-01-01T00:00:00Z");
    let arrivalMs = fridayMs;
    return steps.map(({ stepMs, waitMs }, i): Seen => {
      const timeMs = newestMs + (i === 0 ? 0 : stepMs);
      newestMs = Math.max(newestMs, timeMs);
      arrivalMs += waitMs;
      return { timeMs, arrivalMs };
    });
  });

/** Events of any kind, far ahead of the others among them. */
const anything = fc.array(
  fc.record({
    timeMs: fc.oneof(
      fc.integer({ min: 0, max: 4 * hourMs }),
      fc.integer({ min: 0, max: 2 * hourMs }).map((ms) => ms + 90 * dayMs),
      fc.integer({ min: fridayMs, max: fridayMs + 30 * dayMs }),
    ),
    waitMs: fc.nat(hourMs),
  }),
  { maxLength: 60 },
);

function arrivingFrom(startMs: number, events: readonly { timeMs: number; waitMs: number }[]): Seen[] {
  let arrivalMs = startMs;
  return events.map(({ timeMs, waitMs }) => {
    arrivalMs += waitMs;
    return { timeMs, arrivalMs };
  });
}

describe("an event clock", () => {
  it("stands at the newest time, whatever the order", () => {
    fc.assert(
      fc.property(replay, (events) => {
        let newestMs = Number.NEGATIVE_INFINITY;
        const expected = events.map(({ timeMs }) => {
          newestMs = Math.max(newestMs, timeMs);
          return { isAdmitted: true, newestMs };
        });
        expect(run(events)).toEqual(expected);
      }),
    );
  });

  it("refuses a first event dated 2099, by its arrival, and however often it comes", () => {
    const wrong = { timeMs: Date.parse("2099-01-01T00:00:00Z"), arrivalMs: fridayMs };
    const results = run(Array.from({ length: 3 * jumpCount }, () => wrong));
    expect(results.every(({ isAdmitted, newestMs }) => !isAdmitted && newestMs === undefined)).toBe(true);
  });

  it("bounds an event by its arrival to the millisecond", () => {
    expect(run([{ timeMs: fridayMs + aheadMs, arrivalMs: fridayMs }])[0]!.isAdmitted).toBe(true);
    expect(run([{ timeMs: fridayMs + aheadMs + 1, arrivalMs: fridayMs }])[0]!.isAdmitted).toBe(false);
  });

  it("bounds an event by the newest before it to the millisecond", () => {
    const isAdmittedAfter = (ms: number) =>
      run([
        { timeMs: 0, arrivalMs: fridayMs },
        { timeMs: ms, arrivalMs: fridayMs },
      ])[1]!.isAdmitted;
    expect(isAdmittedAfter(aheadMs)).toBe(true);
    expect(isAdmittedAfter(aheadMs + 1)).toBe(false);
  });

  it("goes on as if they had not been there after fewer than ten events far ahead, wherever they stand", () => {
    const wrong = fc.record({
      count: fc.integer({ min: 1, max: jumpCount - 1 }),
      timeMs: fc.integer({
        min: Date.parse("2002-01-01T00:00:00Z"),
        max: Date.parse("2099-01-01T00:00:00Z"),
      }),
    });
    fc.assert(
      fc.property(replay, wrong, fc.nat(), (events, { count, timeMs }, place) => {
        const at = 1 + (place % events.length);
        const { arrivalMs } = events[at - 1]!;
        const some = Array.from({ length: count }, () => ({ timeMs, arrivalMs }));
        const with_ = run([...events.slice(0, at), ...some, ...events.slice(at)]);
        expect(with_.slice(at, at + count).some(({ isAdmitted }) => isAdmitted)).toBe(false);
        expect([...with_.slice(0, at), ...with_.slice(at + count)]).toEqual(run(events));
      }),
    );
  });

  it("jumps with the tenth event in a row of those that agree", () => {
    const jump = fc.record({
      atMs: fc.integer({ min: 30 * dayMs, max: 9_000 * dayMs }),
      offsetsMs: fc.array(fc.nat(aheadMs), { minLength: jumpCount, maxLength: jumpCount }),
    });
    fc.assert(
      fc.property(replay, jump, (events, { atMs, offsetsMs }) => {
        const { arrivalMs } = events.at(-1)!;
        const newestMs = run(events).at(-1)!.newestMs!;
        const jumped = offsetsMs.map((ms) => ({ timeMs: newestMs + atMs + ms, arrivalMs }));
        const results = run([...events, ...jumped]).slice(events.length);
        expect(results.map(({ isAdmitted }) => isAdmitted)).toEqual(
          jumped.map((_, i) => i === jumpCount - 1),
        );
        expect(results.at(-2)!.newestMs).toBe(newestMs);
        expect(results.at(-1)!.newestMs).toBe(jumped.at(-1)!.timeMs);
      }),
    );
  });

  it("does not jump for ten that do not agree, nor for ten between which others are admitted", () => {
    const start = { timeMs: 0, arrivalMs: fridayMs };
    const apart = Array.from({ length: 40 }, (_, i) => ({
      timeMs: 30 * dayMs + (i % 2) * (aheadMs + 1),
      arrivalMs: fridayMs,
    }));
    const between = apart.map((_, i) => (i % jumpCount === 5 ? start : { ...start, timeMs: 30 * dayMs }));
    for (const events of [apart, between])
      expect(run([start, ...events]).every(({ newestMs }) => newestMs === 0)).toBe(true);
  });

  it("takes a step towards a jump only by events that may be true", () => {
    const start = { timeMs: 0, arrivalMs: fridayMs };
    const ahead = Array.from({ length: jumpCount - 1 }, () => ({ timeMs: 30 * dayMs, arrivalMs: fridayMs }));
    const impossible = { timeMs: fridayMs + dayMs, arrivalMs: fridayMs };
    const results = run([start, ...ahead, impossible, impossible, ahead[0]!]);
    expect(results.slice(1).map(({ isAdmitted }) => isAdmitted)).toEqual([
      ...ahead.map(() => false),
      false,
      false,
      true,
    ]);
  });

  it("lets a stream go on after it was idle, as long as the time that passed there has passed here", () => {
    fc.assert(
      fc.property(
        replay,
        fc.nat(400 * dayMs),
        fc.integer({ min: -aheadMs, max: aheadMs }),
        (events, idleMs, ms) => {
          const newestMs = run(events).at(-1)!.newestMs!;
          const last = events.findLast(({ timeMs }) => timeMs === newestMs)!;
          // What is late, and was there in between, changes nothing of it.
          const late = { timeMs: newestMs - 5 * hourMs, arrivalMs: last.arrivalMs + idleMs };
          const next = { timeMs: newestMs + idleMs + ms, arrivalMs: last.arrivalMs + idleMs };
          expect(run([...events, late, next]).at(-1)!.isAdmitted).toBe(true);
        },
      ),
    );
  });

  it("takes up a slow stream that has jumped, whose events lie further apart than the bound", () => {
    const daily = Array.from({ length: jumpCount }, (_, i) => ({
      timeMs: fridayMs + (i + 1) * dayMs,
      arrivalMs: fridayMs + (i + 1) * dayMs,
    }));
    // The backlog of a week ago came first.
    const results = run([{ timeMs: fridayMs - 7 * dayMs, arrivalMs: fridayMs }, ...daily]);
    expect(results.at(-1)).toEqual({ isAdmitted: true, newestMs: fridayMs + jumpCount * dayMs });
  });

  it("never goes back, and stands only where an admitted event stood", () => {
    fc.assert(
      fc.property(anything, (steps) => {
        const events = arrivingFrom(fridayMs, steps);
        const times = new Set<number | undefined>([undefined]);
        let earlierMs = Number.NEGATIVE_INFINITY;
        run(events).forEach(({ isAdmitted, newestMs }, i) => {
          if (isAdmitted) times.add(events[i]!.timeMs);
          expect(times).toContain(newestMs);
          expect(newestMs ?? Number.NEGATIVE_INFINITY).toBeGreaterThanOrEqual(earlierMs);
          earlierMs = newestMs ?? earlierMs;
        });
      }),
    );
  });

  it("goes on from a snapshot that was kept as JSON as if it had not been interrupted", () => {
    fc.assert(
      fc.property(anything, fc.nat(60), (steps, cut) => {
        const events = arrivingFrom(fridayMs, steps);
        const before = createEventClock(aheadMs, unsetClock);
        for (const { timeMs, arrivalMs } of events.slice(0, cut)) before.admit(timeMs, arrivalMs);
        const kept: ClockSnapshot = JSON.parse(JSON.stringify(before.snapshot()));
        expect(run(events.slice(cut), kept)).toEqual(run(events).slice(cut));
      }),
    );
  });

  it("takes a snapshot that later events leave alone", () => {
    const clock = createEventClock(aheadMs, unsetClock);
    clock.admit(0, fridayMs);
    const snapshot = clock.snapshot();
    clock.admit(5, fridayMs);
    clock.admit(dayMs, fridayMs);
    expect(snapshot).toEqual({ newestMs: 0, arrivalMs: fridayMs, ahead: undefined });
  });

  it("says what was wrong, what would have been right, and what to do", () => {
    const clock = createEventClock(aheadMs, unsetClock);
    clock.admit(0, fridayMs);
    expect(clock.explainAhead(Date.parse("2099-01-01T00:00:00Z"), fridayMs)).toEqual({
      code: "input.range",
      message:
        "event time: got 2099-01-01T00:00:00.000Z, expected at most 2026-01-02T17:00:00.000Z, 3600 s after its arrival; " +
        "fix the producer's clock or raise event.ahead",
    });
    expect(clock.explainAhead(dayMs, fridayMs + 60_000).message).toBe(
      "event time: got 1970-01-02T00:00:00.000Z, expected at most 1970-01-01T01:01:00.000Z, " +
        "3600 s and the time passed since after the newest before it; " +
        "fix the producer's clock or raise event.ahead (10 events in a row that agree are admitted)",
    );
  });
});
