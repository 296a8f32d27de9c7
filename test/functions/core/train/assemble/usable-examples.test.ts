import { describe, expect, it } from "vitest";
import type { EarlyOutcome, Example } from "../../../../../functions/contract/example.ts";
import type { StoredPrediction } from "../../../../../functions/core/outcome/outcome-store.ts";
import { usableExamples } from "../../../../../functions/core/train/assemble/usable-examples.ts";

const at = (hour: number) => new Date(Date.UTC(2001, 0, 1, hour)).toISOString();
const base = { model: "m", digest: "a", role: "champion", outputs: { p: 0.5 } } as const;

const example = (eventId: string, changes: Partial<Example> = {}): Example => ({
  ...{ ...base, predictionId: `p-${eventId}`, eventId, eventTime: at(1), outcomeTime: at(2) },
  ...{ features: { x: 1 }, label: 1, ...changes },
});
const stored = (
  eventId: string,
  changes: Partial<StoredPrediction> = {},
  body: object = {},
): StoredPrediction => ({
  ...{
    eventId,
    role: "champion",
    predictionId: `p-${eventId}`,
    features: Uint8Array.of(7),
    outcome: undefined,
  },
  body: JSON.stringify({ ...base, predictionId: `p-${eventId}`, eventId, eventTime: at(1), ...body }),
  ...changes,
});
const early = (eventId: string, hour = 0): EarlyOutcome => ({
  model: "m",
  eventId,
  outcomeTime: at(hour),
  label: 0,
});

async function* each<Item>(items: readonly Item[]) {
  yield* items;
}

async function collect(given: {
  readonly examples?: readonly Example[];
  readonly early?: readonly EarlyOutcome[];
  readonly predictions?: readonly (StoredPrediction | "failed")[];
}) {
  const asked: string[][] = [];
  const found: { readonly id: unknown; readonly features: unknown; readonly same: boolean }[] = [];
  const usable = usableExamples({
    model: "m",
    examples: each(given.examples ?? []),
    early: each(given.early ?? []),
    outcomes: {
      async find(_, eventIds) {
        asked.push([...eventIds]);
        return eventIds.map((eventId) => {
          const of = (given.predictions ?? []).filter((one) => one !== "failed" && one.eventId === eventId);
          return given.predictions?.includes("failed") ? "failed" : (of as StoredPrediction[]);
        });
      },
    },
    decoders: { of: async (digest) => (digest === "lost" ? undefined : { decode: ([x]) => ({ x: x! }) }) },
    hasSameInputs: async (digest) => digest !== "other",
    withinMs: 5 * 3_600_000,
  });
  for await (const { example: one, hasSameInputs } of usable)
    found.push({ id: (one as Example).eventId, features: one.features, same: hasSameInputs });
  return { found, asked };
}

describe("usableExamples", () => {
  it("takes each event once, the first that comes, and says whose features are others", async () => {
    const { found } = await collect({
      examples: [
        example("a"),
        example("a", { role: "backfill", predictionId: "b-a" }),
        example("a", { eventTime: at(9) }),
        example("b", { digest: "other" }),
        example("c", { role: "shadow" }),
        example("d", { role: "challenger" }),
      ],
    });
    expect(found.map(({ id, same }) => [id, same])).toEqual([
      ["a", true],
      ["a", true],
      ["b", false],
      ["d", true],
    ]);
  });

  it("joins outcomes that came early with the predictions that came after them", async () => {
    const { found } = await collect({
      examples: [example("a")],
      early: [
        early("a"),
        early("b"),
        early("none"),
        early("late", 7),
        early("shadowed"),
        early("lost"),
        early("bare"),
      ],
      predictions: [
        ...["a", "b", "late"].map((eventId) => stored(eventId)),
        stored("shadowed", { role: "shadow" }),
        stored("lost", {}, { digest: "lost" }),
        stored("bare", { features: new Uint8Array(0) }),
      ],
    });
    expect(found).toEqual([
      { id: "a", features: { x: 1 }, same: true },
      { id: "b", features: { x: 7 }, same: true },
    ]);
  });

  it("looks a hundred up at a time, and goes on without those that cannot be read", async () => {
    const many = Array.from({ length: 250 }, (_, i) => early(`e${i}`));
    const { found, asked } = await collect({ early: many, predictions: ["failed"] });
    expect([found, asked.map(({ length }) => length)]).toEqual([[], [100, 100, 50]]);
  });
});
