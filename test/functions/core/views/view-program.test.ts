import { describe, expect, it } from "vitest";
import type { Feature } from "../../../../functions/contract/feature.ts";
import type { View } from "../../../../functions/contract/view.ts";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import type { Conceal } from "../../../../functions/core/views/view-key.ts";
import { compileViews, windowStart } from "../../../../functions/core/views/view-program.ts";

const arrivals: View = {
  on: { type: "arrival" },
  key: "origin",
  value: "delay",
  rate: { above: 15 },
  time: "arrives",
  tile: "5m",
  lateness: "10m",
};
const lateRate: Feature = { view: "arrivals", agg: "rate", over: "3h", default: 0 };

interface Given {
  views?: Record<string, View>;
  features?: Record<string, Feature>;
  private?: string[];
  conceal?: Conceal;
}

function compile({ views = { arrivals }, features = { lateRate }, conceal, ...rest }: Given = {}) {
  const index = createFieldIndex();
  const program = compileViews({ views, features, private: rest.private ?? [] }, index, { conceal });
  const reader = createEventReader(index.specs);
  const read = (event: object) => {
    reader.read(Buffer.from(JSON.stringify(event)));
    return reader.fields;
  };
  return {
    program,
    feedsOf: (event: object) => program.feedsOf(read(event), 777),
    lookupsOf: (event: object) => program.lookupsOf(read(event)),
  };
}

const arrival = { type: "arrival", origin: "ORD", arrives: "2001-01-31T09:53:00Z", delay: 25 };
const arrivedMs = Date.UTC(2001, 0, 31, 9, 53);

describe("view program", () => {
  it("reads what an event feeds, and nothing of events that a view is not on", () => {
    const { feedsOf } = compile();
    const feed = { view: 0, key: "ORD", value: 25, hit: true, timeMs: arrivedMs };
    expect(feedsOf(arrival)).toEqual({ feeds: [feed] });
    expect(feedsOf({ ...arrival, delay: 15 })).toEqual({ feeds: [{ ...feed, value: 15, hit: false }] });
    expect(feedsOf({ ...arrival, type: "departure" })).toEqual({ feeds: [] });
  });

  it("takes the arrival where a view names no time, and no value where it names none", () => {
    const { feedsOf } = compile({
      views: { arrivals: { on: {}, key: "origin", tile: "1m", lateness: "0s" } },
      features: {},
    });
    expect(feedsOf({ origin: "ORD" })).toEqual({
      feeds: [{ view: 0, key: "ORD", value: Number.NaN, hit: false, timeMs: 777 }],
    });
  });

  it.each([
    [{ above: 5 }, [5], [5.1]],
    [{ atLeast: 5 }, [4.9], [5]],
    [{ below: 5 }, [5], [4.9]],
    [{ atMost: 5 }, [5.1], [5]],
    [{ is: 5 }, [4, "5", true], [5]],
    [{ is: ["late", true] }, ["on time", false, 1], ["late", true]],
  ])("tests a rate of %j on a path of its own", (test, misses, hits) => {
    const { feedsOf } = compile({ views: { arrivals: { ...arrivals, rate: { from: "r", ...test } } } });
    const hitOf = (r: unknown) => feedsOf({ ...arrival, r });
    for (const r of misses) expect(hitOf(r), String(r)).toMatchObject({ feeds: [{ hit: false }] });
    for (const r of hits) expect(hitOf(r), String(r)).toMatchObject({ feeds: [{ hit: true }] });
  });

  it("says everything that is wrong with an event that feeds views", () => {
    const { feedsOf } = compile({
      views: { arrivals, other: { ...arrivals, key: ["a", "b"], rate: { from: "r", is: "x" } } },
    });
    expect(feedsOf({ type: "arrival", delay: 1e141, arrives: "soon", a: {}, b: "\ud800" })).toEqual([
      {
        code: "input.missing",
        message:
          'view "arrivals", key: got nothing at "origin", expected a string, a boolean or a number within ±9007199254740991; fix the producer',
      },
      {
        code: "input.range",
        message:
          'view "arrivals", value: got 1e+141 at "delay", expected a number within ±1e+140; fix the producer',
      },
      {
        code: "input.range",
        message:
          'view "arrivals", rate: got 1e+141 at "delay", expected a number within ±1e+140; fix the producer',
      },
      {
        code: "input.type",
        message:
          'view "arrivals", time: got "soon" at "arrives", expected an instant (ISO 8601 text, or epoch seconds or milliseconds); fix the producer',
      },
      expect.objectContaining({
        code: "input.type",
        message: expect.stringMatching(/^view "other", key: got an object at "a"/),
      }),
      expect.objectContaining({
        code: "input.type",
        message: expect.stringMatching(/^view "other", key: got .* at "b"/),
      }),
      expect.objectContaining({
        code: "input.range",
        message: expect.stringMatching(/^view "other", value:/),
      }),
      expect.objectContaining({
        code: "input.missing",
        message: expect.stringMatching(/^view "other", rate: got nothing at "r"/),
      }),
      expect.objectContaining({ code: "input.type", message: expect.stringMatching(/^view "other", time:/) }),
    ]);
    expect(feedsOf({ ...arrival, a: 1, b: 2, r: "x", delay: "25" })).toMatchObject([
      { code: "input.type", message: expect.stringContaining('view "arrivals", value: got "25"') },
      { code: "input.type" },
      { code: "input.type" },
    ]);
  });

  it("looks a key up once, however many features are over it", () => {
    const { program, lookupsOf } = compile({
      features: {
        a: lateRate,
        b: { ...lateRate, agg: "count", over: "1h", key: ["origin"] },
        plain: { from: "distance" },
        c: { view: "arrivals", agg: "count", over: "30d", key: "destination" },
      },
    });
    expect(program.lookups).toEqual([
      { view: 0, paths: ["origin"] },
      { view: 0, paths: ["destination"] },
    ]);
    expect(
      program.windows.map(({ name, lookup, agg, windowMs, fallback }) => [
        name,
        lookup,
        agg,
        windowMs,
        fallback,
      ]),
    ).toEqual([
      ["a", 0, "rate", 10_800_000, 0],
      ["b", 0, "count", 3_600_000, 0],
      ["c", 1, "count", 2_592_000_000, 0],
    ]);
    expect(program.maxWindowMs).toBe(2_592_000_000);
    expect(program.views).toMatchObject([
      { name: "arrivals", topLevel: 2, tileMs: 300_000, latenessMs: 600_000 },
    ]);
    expect(lookupsOf({ origin: "ORD", destination: 7 })).toEqual({ keys: ["ORD", "7"] });
    expect(lookupsOf({ origin: null })).toMatchObject([
      {
        code: "input.missing",
        message: expect.stringMatching(/^key looked up in view "arrivals": got null at "origin"/),
      },
      { code: "input.missing" },
    ]);
  });

  it("keeps keys apart whose parts run together as text", () => {
    const { lookupsOf } = compile({
      features: { a: { ...lateRate, key: ["a", "b"] } },
      views: { arrivals: { ...arrivals, key: ["a", "b"] } },
    });
    const keyOf = (a: unknown, b: unknown) => JSON.stringify(lookupsOf({ a, b }));
    const keys = [keyOf('x","', "y"), keyOf("x", '","y'), keyOf("x,", "y"), keyOf("", "xy"), keyOf("xy", "")];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf(true, 1)).toBe('{"keys":["[\\"true\\",\\"1\\"]"]}');
  });

  it("takes a key of 512 bytes and refuses one of 513", () => {
    const { lookupsOf } = compile();
    expect(lookupsOf({ origin: "é".repeat(256) })).toEqual({ keys: ["é".repeat(256)] });
    expect(lookupsOf({ origin: `${"é".repeat(256)}x` })).toEqual([
      {
        code: "input.range",
        message:
          'key looked up in view "arrivals": got 513 bytes at "origin", expected at most 512; fix the producer',
      },
    ]);
  });

  it("conceals all keys of a view as soon as one of them is private, and quotes none", () => {
    const conceal = (text: string) => `hidden ${text.length}`;
    const { feedsOf, lookupsOf, program } = compile({
      features: { a: { ...lateRate, key: "passenger.card" } },
      private: ["passenger"],
      conceal,
    });
    expect(feedsOf(arrival)).toMatchObject({ feeds: [{ key: "hidden 3" }] });
    expect(lookupsOf({ passenger: { card: "4111" } })).toEqual({ keys: ["hidden 4"] });
    expect(JSON.stringify(lookupsOf({ passenger: { card: ["4111"] } }))).not.toContain("4111");
    expect(program.views[0]!.digest).not.toBe(compile().program.views[0]!.digest);
  });

  it("reads no private key without a way to conceal it", () => {
    expect(() => compile({ private: ["origin"] }).feedsOf(arrival)).toThrow(/no way to conceal/);
  });

  it("keeps views of one definition as one, which an event feeds once", () => {
    const { program, feedsOf } = compile({
      views: { arrivals, again: { ...arrivals, tile: "300s" } },
      features: { lateRate, b: { ...lateRate, view: "again", over: "5h" } },
    });
    expect(program.views).toHaveLength(1);
    expect(program.views[0]).toMatchObject({ name: "arrivals", maxWindowMs: 18_000_000 });
    expect(program.lookups).toEqual([{ view: 0, paths: ["origin"] }]);
    expect(feedsOf(arrival)).toMatchObject({ feeds: [{ view: 0 }] });
  });

  it("begins a window at the first tile that starts after the event's time less its length", () => {
    const { program } = compile();
    const tileMs = 300_000;
    for (const timeMs of [0, 1, tileMs - 1, -1, -tileMs, 12_345_678]) {
      const fromMs = windowStart(program.views[0]!, 10_800_000, timeMs);
      expect(fromMs % tileMs).toBeCloseTo(0);
      expect(fromMs).toBeGreaterThan(timeMs - 10_800_000);
      expect(fromMs - tileMs).toBeLessThanOrEqual(timeMs - 10_800_000);
      expect(program.earliestNeeded(timeMs)).toBe(fromMs);
    }
    expect(compile({ features: {} }).program.earliestNeeded(5)).toBe(5);
  });
});
