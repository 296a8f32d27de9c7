import { describe, expect, it } from "vitest";
import { MemoryMetrics } from "../../../../functions/adapters/memory/memory-metrics.ts";
import { example } from "../../../../functions/contract/example.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { accuracyOf } from "../../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../../../functions/core/outcome/accuracy-store.ts";
import type { OutcomeBatch } from "../../../../functions/core/outcome/outcome-batch.ts";
import { markOf } from "../../../../functions/core/state/mark.ts";
import { declare, digest, eventMs, hourMs, layout, stage } from "./set-up.ts";

const dayMs = 24 * hourMs;
const expiresAt = 2_000_000_000;
const mark = (sequenceNumber: number) => markOf(String(sequenceNumber), 0);
const fact = (eventId: string, label = 1, timeMs: number | undefined = eventMs + hourMs) => ({
  ...{ eventId, label, timeMs },
});

/** Metrics other than the rolling figures. */
function fatesOf(batch: OutcomeBatch): Record<string, number> {
  const metrics = new MemoryMetrics();
  batch.count(undefined, metrics);
  const counts = metrics.recorded.filter(({ unit }) => unit === "Count");
  return Object.fromEntries(counts.map(({ name }) => [name, metrics.sum(name)]));
}

async function accuracyIn({ sketches }: ReturnType<typeof stage>) {
  const stored = await readAccuracy(sketches, "flights", { fromMs: eventMs - dayMs, toMs: eventMs + dayMs });
  return stored.map(({ partial, ...key }) => ({ ...key, ...accuracyOf(partial) }));
}

describe("an outcome whose prediction is there", () => {
  it("is joined, counted into the accuracy of its hour and made an example of", async () => {
    const flights = stage();
    const prediction = await flights.predict({ eventTime: "2001-01-31T06:44:00.000Z" });
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    expect(await batch.join(undefined)).toBeUndefined();
    expect(await batch.saveAccuracy(undefined, expiresAt)).toBeUndefined();
    expect(fatesOf(batch)).toEqual({ OutcomesJoined: 1 });
    expect(await accuracyIn(flights)).toMatchObject([
      { hour: "2001-01-31T06", role: "champion", digest, count: 1, brier: 0.75 ** 2 },
    ]);
    const lines = await batch.exampleLines(undefined);
    expect(lines).toEqual([
      {
        ...prediction,
        outcomeTime: new Date(eventMs + hourMs).toISOString(),
        features: { distance: 0.5, place: [-3, 7] },
        label: 1,
      },
    ]);
    expect(example.parse(lines[0])).toEqual(lines[0]);
    expect(batch.earlyLines(undefined)).toEqual([]);
  });

  it("is joined with the predictions of every role, counts as one, and is an example of what answered", async () => {
    const flights = stage();
    for (const role of ["champion", "backfill", "shadow"] as const) await flights.predict({ role });
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    await batch.join(undefined);
    await batch.saveAccuracy(undefined, expiresAt);
    expect(fatesOf(batch)).toEqual({ OutcomesJoined: 1 });
    const examples = await batch.exampleLines(undefined);
    expect(examples.map(({ role }) => role).sort()).toEqual(["backfill", "champion"]);
    expect(await accuracyIn(flights)).toHaveLength(3);
  });

  it("came true when it arrived, where it says no time itself", async () => {
    const flights = stage();
    await flights.predict();
    const batch = flights.batch();
    batch.add({ ...fact("1"), timeMs: undefined }, mark(1), eventMs + 5);
    await batch.join(undefined);
    expect((await batch.exampleLines(undefined))[0]?.outcomeTime).toBe("2001-01-31T06:00:00.005Z");
  });

  it("takes the package's own threshold for what was predicted", async () => {
    const flights = stage();
    await flights.predict({ outputs: { probability: 0.4 } });
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    await batch.join(undefined);
    await batch.saveAccuracy(undefined, expiresAt);
    expect(await accuracyIn(flights)).toMatchObject([{ recall: 1 }]);
  });

  it("adds what the champion lost to the rolling figures, and what others did under their roles", async () => {
    const flights = stage();
    await flights.predict({ outputs: { probability: 0.25 } });
    await flights.predict({ role: "shadow", outputs: { probability: 0.75 } });
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    await batch.join(undefined);
    const metrics = new MemoryMetrics();
    batch.count(undefined, metrics);
    const values = metrics.recorded.filter(({ unit }) => unit === "None");
    expect(values.map(({ name, value, dimensions }) => [name, value, dimensions])).toEqual([
      ["LogLoss", Math.log(4), {}],
      ["Brier", 0.5625, {}],
      ["LogLoss", -Math.log(0.75), { Role: "shadow" }],
      ["Brier", 0.0625, { Role: "shadow" }],
    ]);
  });
});

describe("an outcome that is joined with nothing", () => {
  it("is early without a prediction, and kept as it is for later", async () => {
    const batch = stage().batch();
    batch.add(fact("1", 0), mark(1), 0);
    await batch.join(undefined);
    expect(fatesOf(batch)).toEqual({ OutcomesEarly: 1 });
    const outcomeTime = new Date(eventMs + hourMs).toISOString();
    expect(batch.earlyLines(undefined)).toEqual([{ model: "flights", eventId: "1", outcomeTime, label: 0 }]);
    expect(await batch.exampleLines(undefined)).toEqual([]);
  });

  it("is late from the first millisecond beyond what the package allows", async () => {
    const flights = stage();
    for (const eventId of ["in time", "late"]) await flights.predict({ eventId });
    const batch = flights.batch();
    batch.add(fact("in time", 1, eventMs + dayMs), mark(1), 0);
    batch.add(fact("late", 1, eventMs + dayMs + 1), mark(2), 0);
    await batch.join(undefined);
    expect(fatesOf(batch)).toEqual({ OutcomesJoined: 1, OutcomesLate: 1 });
  });

  it.each([
    ["in one batch", 1],
    ["in two", 2],
  ])("repeats or contradicts one that stands, %s", async (_, batches) => {
    const flights = stage();
    await flights.predict();
    const counts: Record<string, number> = {};
    let batch = flights.batch();
    for (const [i, label] of [1, 1, 0].entries()) {
      if (batches === 2 && i > 0) batch = flights.batch();
      batch.add(fact("1", label), mark(i), 0);
      if (batches === 1 && i < 2) continue;
      await batch.join(undefined);
      for (const [name, count] of Object.entries(fatesOf(batch))) counts[name] = (counts[name] ?? 0) + count;
      expect(await batch.exampleLines(undefined)).toHaveLength(batches === 1 || i === 0 ? 1 : 0);
    }
    expect(counts).toEqual({ OutcomesJoined: 1, OutcomesRepeated: 1, OutcomesConflicting: 1 });
    expect(flights.predictions.rows[0]?.outcome?.label).toBe("1");
  });

  it("loses to one that another shard wrote in between", async () => {
    const flights = stage();
    await flights.predict();
    const [first, second] = [flights.batch({ shard: "shard-0" }), flights.batch({ shard: "shard-1" })];
    first.add(fact("1", 1), mark(1), 0);
    second.add(fact("1", 0), mark(1), 0);
    await Promise.all([first.join(undefined), second.join(undefined)]);
    expect([fatesOf(first), fatesOf(second)]).toEqual([{ OutcomesJoined: 1 }, { OutcomesConflicting: 1 }]);
  });
});

describe("a redelivered outcome", () => {
  it("is known as its own, gives its example again and is counted into the accuracy once", async () => {
    const flights = stage();
    await flights.predict();
    for (let delivery = 0; delivery < 2; delivery++) {
      const batch = flights.batch();
      batch.add(fact("1"), mark(1), 0);
      expect(await batch.join(undefined)).toBeUndefined();
      expect(await batch.saveAccuracy(undefined, expiresAt)).toBeUndefined();
      expect(fatesOf(batch)).toEqual({ OutcomesJoined: 1 });
      expect(await batch.exampleLines(undefined)).toHaveLength(1);
    }
    expect(await accuracyIn(flights)).toMatchObject([{ count: 1 }]);
  });
});

describe("what lies behind the mark given", () => {
  it("is not touched", async () => {
    const flights = stage();
    for (const eventId of ["1", "2"]) await flights.predict({ eventId });
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    batch.add(fact("2"), mark(2), 0);
    batch.add(fact("none"), mark(3), 0);
    expect(await batch.join(mark(2))).toBeUndefined();
    expect(flights.predictions.rows.map(({ outcome }) => outcome !== undefined)).toEqual([true, false]);
    await batch.join(undefined);
    expect(await batch.saveAccuracy(mark(2), expiresAt)).toBeUndefined();
    expect(await accuracyIn(flights)).toMatchObject([{ count: 1 }]);
    expect(await batch.exampleLines(mark(2))).toHaveLength(1);
    expect(batch.earlyLines(mark(3))).toEqual([]);
    expect(batch.earlyLines(undefined)).toHaveLength(1);
    const metrics = new MemoryMetrics();
    batch.count(mark(2), metrics);
    expect(metrics.sum("OutcomesJoined")).toBe(1);
  });
});

describe("failures", () => {
  it("leave the lowest mark that is not done, and the others joined", async () => {
    const flights = stage();
    for (const eventId of ["1", "2", "3"]) await flights.predict({ eventId });
    const good = flights.batch();
    const store = flights.outcomes;
    const failing = flights.batch({
      outcomes: {
        find: async (model, ids) =>
          (await store.find(model, ids)).map((each, i) => (ids[i] === "2" ? "failed" : each)),
        write: (writes) => store.write(writes),
      },
    });
    for (const batch of [failing, good]) {
      for (const [i, eventId] of ["1", "2", "3"].entries()) batch.add(fact(eventId), mark(i), 0);
    }
    expect(await failing.join(undefined)).toBe(mark(1));
    expect(await failing.exampleLines(mark(1))).toHaveLength(1);
    expect(await good.join(undefined)).toBeUndefined();
    expect(fatesOf(good)).toEqual({ OutcomesJoined: 3 });
  });

  it("to write an outcome leave it and those behind it for the same prediction", async () => {
    const flights = stage();
    await flights.predict();
    const store = flights.outcomes;
    const batch = flights.batch({
      outcomes: {
        find: (...args) => store.find(...args),
        write: async (writes) => writes.map(() => "failed"),
      },
    });
    batch.add(fact("1"), mark(1), 0);
    batch.add(fact("1"), mark(2), 0);
    expect(await batch.join(undefined)).toBe(mark(1));
    expect(fatesOf(batch)).toEqual({});
  });

  it("to write an hour's accuracy leave the lowest mark of that hour", async () => {
    const flights = stage();
    for (const [i, hours] of [0, 1, 2].entries()) {
      const eventTime = new Date(eventMs + hours * hourMs).toISOString();
      await flights.predict({ eventId: String(i), eventTime });
    }
    const batch = flights.batch({
      sketches: {
        read: (ranges) => flights.sketches.read(ranges),
        write: async (writes) => {
          const failed = [2, 1].filter((index) => index < writes.length);
          await flights.sketches.write(writes.filter((_, i) => !failed.includes(i)));
          return failed.map((index) => ({ index, reason: "unavailable" as const })).reverse();
        },
      },
    });
    for (const i of [0, 1, 2]) batch.add(fact(String(i)), mark(i + 5), 0);
    await batch.join(undefined);
    expect(await batch.saveAccuracy(undefined, expiresAt)).toBe(mark(6));
    expect(await accuracyIn(flights)).toMatchObject([{ hour: "2001-01-31T06" }]);
  });
});

describe("predictions of another version", () => {
  const older = "e".repeat(64) as ModelDigest;

  it("are read by the layout that stands beside that version, read once", async () => {
    const flights = stage();
    for (const eventId of ["1", "2"]) await flights.predict({ eventId, digest: older });
    const names = layout.features.map((each) => ({ ...each, name: `old ${each.name}` }));
    await flights.layouts.write("flights", older, { ...layout, inputs: [...layout.inputs], features: names });
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    batch.add(fact("2"), mark(2), 0);
    await batch.join(undefined);
    const [first] = await batch.exampleLines(mark(2));
    expect(first?.features).toEqual({ "old distance": 0.5, "old place": [-3, 7] });
    flights.layouts.objects.clear();
    expect(await batch.exampleLines(undefined)).toHaveLength(2);
  });

  it.each([
    ["without a layout", undefined, "warn"],
    ["with a damaged one", "{", "error"],
    ["with one for rows of another size", JSON.stringify({ ...layout, inputs: [], features: [] }), "warn"],
  ])("%s make no examples, and somebody is told", async (_, content, level) => {
    const flights = stage();
    await flights.predict({ digest: older });
    if (content !== undefined)
      flights.layouts.objects.set(`models/flights/${older}/layout.json`, Buffer.from(content));
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    await batch.join(undefined);
    expect(await batch.exampleLines(undefined)).toEqual([]);
    expect(flights.logger.lines.map((line) => line.level)).toContain(level);
  });

  it("without the scored output are joined, and left out of the accuracy with a word", async () => {
    const flights = stage();
    await flights.predict({ outputs: { other: 3 } });
    const batch = flights.batch();
    batch.add(fact("1"), mark(1), 0);
    await batch.join(undefined);
    expect(await batch.saveAccuracy(undefined, expiresAt)).toBeUndefined();
    expect(await accuracyIn(flights)).toEqual([]);
    expect(fatesOf(batch)).toEqual({ OutcomesJoined: 1 });
    expect(flights.logger.lines).toMatchObject([{ level: "warn", fields: { count: 1 } }]);
  });
});

describe("the share of examples", () => {
  it("is the package's, the same ones every time", async () => {
    const flights = stage(declare({ examples: { sample: 0.3 } }));
    const ids = Array.from({ length: 1_000 }, (_, i) => String(i));
    for (const eventId of ids) await flights.predict({ eventId });
    const linesOf = async () => {
      const batch = flights.batch();
      for (const [i, id] of ids.entries()) batch.add(fact(id), mark(i), 0);
      await batch.join(undefined);
      return (await batch.exampleLines(undefined)).map(({ predictionId }) => predictionId);
    };
    const lines = await linesOf();
    expect(lines.length).toBeGreaterThan(250);
    expect(lines.length).toBeLessThan(350);
    expect(await linesOf()).toEqual(lines);
  });
});

describe("classes and numbers", () => {
  it("name the class in examples, and its place in the accuracy", async () => {
    const flights = stage(
      declare({
        outputs: { scores: { from: "scores" } },
        outcome: { on: {}, id: "flight", label: { from: "state", classes: ["idle", "worn"] }, within: "1d" },
      }),
    );
    await flights.predict({ outputs: { scores: [0.2, 0.8] } });
    const batch = flights.batch();
    batch.add(fact("1", 1), mark(1), 0);
    await batch.join(undefined);
    await batch.saveAccuracy(undefined, expiresAt);
    expect((await batch.exampleLines(undefined))[0]?.label).toBe("worn");
    expect(await accuracyIn(flights)).toMatchObject([{ kind: "classes", accuracy: 1 }]);
  });

  it("compare a number with the number it came to", async () => {
    const outcome = { on: {}, id: "flight", label: { from: "delay" }, within: "1d" };
    const flights = stage(declare({ outputs: { minutes: { from: "minutes" } }, outcome }));
    await flights.predict({ outputs: { minutes: 12 } });
    const batch = flights.batch();
    batch.add(fact("1", 10), mark(1), 0);
    await batch.join(undefined);
    await batch.saveAccuracy(undefined, expiresAt);
    expect(await accuracyIn(flights)).toMatchObject([{ kind: "number", mae: 2, bias: 2 }]);
    const metrics = new MemoryMetrics();
    batch.count(undefined, metrics);
    expect(metrics.sum("SquaredError")).toBe(4);
  });
});
