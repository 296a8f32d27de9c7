import { describe, expect, it } from "vitest";
import { MemoryMetrics } from "../../../../functions/adapters/memory/memory-metrics.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { accuracyOf } from "../../../../functions/core/outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../../../functions/core/outcome/accuracy-store.ts";
import { readPairs } from "../../../../functions/core/rollout/verdict/pair-store.ts";
import { markOf } from "../../../../functions/core/state/mark.ts";
import { digest, eventMs, hourMs, type PredictParts, stage } from "./set-up.ts";

const candidate = "c".repeat(64) as ModelDigest;
const shade = "5".repeat(64) as ModelDigest;
const expiresAt = 2_000_000_000;
const span = { fromMs: eventMs - 24 * hourMs, toMs: eventMs + 48 * hourMs };
const says = (probability: number) => ({ probability, verdict: "on time" });

type Stage = ReturnType<typeof stage>;

/** Let an outcome come true two hours after the event, and keep all that follows from it. */
async function deliver(flights: Stage, { label = 1, mark = 1, hours = 2, eventId = "1" } = {}) {
  const batch = flights.batch();
  batch.add({ eventId, label, timeMs: eventMs + hours * hourMs }, markOf(String(mark), 0), 0);
  expect(await batch.join(undefined)).toBeUndefined();
  expect(await batch.saveAccuracy(undefined, expiresAt)).toBeUndefined();
  expect(await batch.savePairs(undefined, expiresAt)).toBeUndefined();
  return batch;
}

async function accuracyIn({ sketches }: Stage) {
  const stored = await readAccuracy(sketches, "flights", span);
  return Object.fromEntries(
    stored.map(({ role, digest, partial }) => [`${role} ${digest[0]}`, briers(partial)]),
  );
}

function briers(partial: Parameters<typeof accuracyOf>[0]) {
  const figures = accuracyOf(partial);
  return figures.kind === "binary" ? [figures.count, figures.brier] : undefined;
}

const pairsIn = ({ sketches }: Stage) => readPairs(sketches, "flights", span);

const answers: readonly [string, PredictParts][] = [
  [
    "the champion answered",
    { outputs: says(0.25), rival: { digest: candidate, role: "challenger", outputs: says(0.75) } },
  ],
  [
    "the challenger answered",
    {
      role: "challenger",
      digest: candidate,
      outputs: says(0.75),
      rival: { digest, role: "champion", outputs: says(0.25) },
    },
  ],
];

describe("an event that two versions scored", () => {
  it.each(answers)("is compared in the hour of its outcome, where %s", async (_, answer) => {
    const flights = stage();
    await flights.predict(answer);
    await deliver(flights);
    expect(await pairsIn(flights)).toEqual([
      {
        hour: "2001-01-31T08",
        ...{ champion: digest, other: candidate, role: "challenger", segment: undefined },
        partial: {
          count: 1,
          differenceSum: 0.0625 - 0.5625,
          differenceSquaredSum: 0.25,
          championLossSum: 0.5625,
          otherLossSum: 0.0625,
          championLogLossSum: Math.log(4),
          otherLogLossSum: -Math.log(0.75),
        },
      },
    ]);
  });

  it.each(answers)("counts into the accuracy of both, where %s", async (_, answer) => {
    const flights = stage();
    await flights.predict(answer);
    await deliver(flights);
    expect(await accuracyIn(flights)).toEqual({ "champion d": [1, 0.5625], "challenger c": [1, 0.0625] });
  });

  it.each(answers)(
    "adds what each lost to the figures of its role, the champion's to the model's, where %s",
    async (_, answer) => {
      const flights = stage();
      await flights.predict(answer);
      const metrics = new MemoryMetrics();
      (await deliver(flights)).count(undefined, metrics);
      const values = metrics.recorded.filter(({ unit }) => unit === "None");
      const byRole = Map.groupBy(values, ({ dimensions }) => dimensions.Role);
      const lost = (role?: string) => byRole.get(role)?.map(({ name, value }) => [name, value]);
      expect(byRole.size).toBe(2);
      expect(lost()).toEqual([
        ["LogLoss", Math.log(4)],
        ["Brier", 0.5625],
      ]);
      expect(lost("challenger")).toEqual([
        ["LogLoss", -Math.log(0.75)],
        ["Brier", 0.0625],
      ]);
    },
  );

  it.each(answers)("makes one example, of what answered, where %s", async (_, answer) => {
    const flights = stage();
    await flights.predict(answer);
    const batch = await deliver(flights);
    // Either version's rows are laid out alike here.
    flights.decoders.know(candidate, { schemaVersion: 1, inputs: [], features: [] });
    const lines = await batch.exampleLines(undefined);
    expect(lines.map((line) => line.digest)).toEqual(answer.digest === undefined ? [digest] : []);
  });

  it("is compared in each of its segments, too", async () => {
    const flights = stage();
    const segments = { hub: "ORD", "time of day": null };
    const rival = { digest: candidate, role: "challenger" as const, outputs: says(0.75), segments };
    await flights.predict({ rival });
    await deliver(flights);
    const stored = await pairsIn(flights);
    expect(stored.map(({ segment }) => segment)).toEqual([
      undefined,
      { name: "hub", value: "ORD" },
      { name: "time of day", value: null },
    ]);
    expect(new Set(stored.map(({ partial }) => JSON.stringify(partial))).size).toBe(1);
  });

  it("is counted once, however often it is delivered", async () => {
    const flights = stage();
    await flights.predict(answers[0]![1]);
    for (let delivery = 0; delivery < 3; delivery++) await deliver(flights);
    expect((await pairsIn(flights)).map(({ partial }) => partial.count)).toEqual([1]);
    expect((await accuracyIn(flights))["challenger c"]?.[0]).toBe(1);
  });

  it.each([
    ["no such output", { other: 1 }],
    ["an output of another kind", { probability: [0.5, 0.5] }],
  ])("is not compared where one of them has %s", async (_, outputs) => {
    const flights = stage();
    await flights.predict({ rival: { digest: candidate, role: "challenger", outputs } });
    const batch = await deliver(flights);
    expect(await pairsIn(flights)).toEqual([]);
    expect(Object.keys(await accuracyIn(flights))).toEqual(["champion d"]);
    batch.count(undefined, new MemoryMetrics());
    expect(flights.logger.lines).toMatchObject([{ level: "warn", fields: { count: 1 } }]);
  });
});

describe("an event that a shadow scored", () => {
  it("is compared with the champion's answer", async () => {
    const flights = stage();
    await flights.predict({ outputs: says(0.25) });
    await flights.predict({ role: "shadow", digest: shade, outputs: says(0.5) });
    const batch = await deliver(flights);
    expect(await pairsIn(flights)).toMatchObject([
      { champion: digest, other: shade, role: "shadow", partial: { count: 1, otherLossSum: 0.25 } },
    ]);
    expect(await accuracyIn(flights)).toEqual({ "champion d": [1, 0.5625], "shadow 5": [1, 0.25] });
    expect(await batch.exampleLines(undefined)).toHaveLength(1);
  });

  it("is compared with what the champion said beside a challenger that answered, in the same segments", async () => {
    const flights = stage();
    const [, answer] = answers[1]!;
    await flights.predict({ ...answer, rival: { ...answer.rival!, segments: { hub: "ORD" } } });
    await flights.predict({ role: "shadow", digest: shade, outputs: says(0.5) });
    await deliver(flights);
    const stored = await pairsIn(flights);
    expect(stored.map(({ other, role, segment }) => [other[0], role, segment?.value])).toEqual([
      ["5", "shadow", undefined],
      ["5", "shadow", "ORD"],
      ["c", "challenger", undefined],
      ["c", "challenger", "ORD"],
    ]);
    expect(stored[0]!.partial).toMatchObject({ championLossSum: 0.5625, otherLossSum: 0.25 });
  });

  it("takes its segments from what stands beside the shadow's own prediction, and counts that once", async () => {
    const flights = stage();
    await flights.predict({ outputs: says(0.25) });
    const rival = { digest, role: "champion" as const, outputs: says(0.25), segments: { hub: "ORD" } };
    await flights.predict({ role: "shadow", digest: shade, outputs: says(0.5), rival });
    await deliver(flights);
    expect((await pairsIn(flights)).map(({ segment }) => segment?.value)).toEqual([undefined, "ORD"]);
    expect(await accuracyIn(flights)).toEqual({ "champion d": [1, 0.5625], "shadow 5": [1, 0.25] });
  });

  it("is not compared with an answer to another event of the same id, nor with a replay's", async () => {
    const flights = stage();
    await flights.predict({ eventTime: "2001-01-31T05:00:00.000Z" });
    await flights.predict({ role: "backfill", digest: candidate });
    await flights.predict({ role: "shadow", digest: shade });
    await deliver(flights);
    expect(await pairsIn(flights)).toEqual([]);
    expect(Object.keys(await accuracyIn(flights)).sort()).toEqual(["backfill c", "champion d", "shadow 5"]);
  });
});

describe("what lies behind the mark given", () => {
  it("is not compared", async () => {
    const flights = stage();
    const [, answer] = answers[0]!;
    const batch = flights.batch();
    for (const [i, eventId] of ["1", "2"].entries()) {
      await flights.predict({ ...answer, eventId });
      batch.add({ eventId, label: 1, timeMs: eventMs }, markOf(String(i + 1), 0), 0);
    }
    await batch.join(undefined);
    expect(await batch.savePairs(markOf("2", 0), expiresAt)).toBeUndefined();
    expect((await pairsIn(flights)).map(({ partial }) => partial.count)).toEqual([1]);
    expect(await batch.savePairs(undefined, expiresAt)).toBeUndefined();
    expect((await pairsIn(flights)).map(({ partial }) => partial.count)).toEqual([2]);
  });
});
