import { expect, it } from "vitest";
import type { Example } from "../../../functions/contract/example.ts";
import { compileRowSchema } from "../../../functions/core/train/assemble/row-schema.ts";
import { createExampleLog } from "../../../scripts/story/example-log.ts";
import { isIn } from "../../../scripts/story/story-flights.ts";

const schema = compileRowSchema(
  {
    name: "m",
    features: { a: { from: "a" }, b: { from: "b" } },
    outputs: { p: { from: "probabilities", index: 1 } },
    outcome: { on: {}, id: "id", label: { from: "x", above: 1 }, within: "1h" },
  } as never,
  {
    schemaVersion: 1,
    inputs: [{ type: "float32", width: 3 }],
    features: [
      { name: "a", input: 0, column: 0, width: 1 },
      { name: "b", input: 0, column: 1, width: 2 },
    ],
  },
);

function example(i: number): Example {
  return {
    ...{
      predictionId: `p${i}`,
      model: "m",
      digest: `d${i % 2}`,
      role: i % 3 === 0 ? "challenger" : "champion",
    },
    ...{ eventId: `e${i}`, eventTime: new Date(i * 1000).toISOString(), outputs: { p: i / 65536 } },
    ...{ outcomeTime: new Date(i * 1000 + 5).toISOString(), label: i % 2 },
    features: { a: i, b: [i / 2, -i] },
  };
}

const range = { model: "m", shard: "s", first: "0", last: "1" };
const count = 20_000;

it("gives back what training reads of each example, in order", async () => {
  const log = createExampleLog(schema, "p");
  const examples = Array.from({ length: count }, (_, i) => example(i));
  await log.write({ ...range, examples, early: [] });
  expect(log.count).toBe(count);
  let wrong = 0;
  let i = 0;
  for await (const each of log.examples()) {
    const { role, eventId, eventTime, digest, features, label } = examples[i++]!;
    const want = JSON.stringify([role, eventId, eventTime, digest, features, label]);
    const { role: r, eventId: e, eventTime: t, digest: d, features: f, label: l } = each;
    if (JSON.stringify([r, e, t, d, f, l]) !== want) wrong++;
  }
  expect([i, wrong]).toEqual([count, 0]);
});

it("gives the rows and the scores of a span, and drops parts that are wholly older", async () => {
  const log = createExampleLog(schema, "p");
  await log.write({
    ...range,
    examples: Array.from({ length: count }, (_, i) => example(i)),
    early: [],
  });
  const rows = [...log.rowsBetween(8_000_000, 8_400_000)].filter((part) => part.count > 0);
  expect(rows.map((part) => part.count)).toEqual([192, 208]);
  expect([...rows[1]!.rows.subarray(0, 5)]).toEqual([8192, 4096, -8192, 0, 1]);
  expect(rows[1]!.scores[0]).toBe(8192 / 65536);
  expect(rows[1]!.timesMs[0]).toBe(8_192_000);
  log.forget(8_192_000);
  expect(log.count).toBe(count - 8192);
});

it("leaves out examples without the features", async () => {
  const log = createExampleLog(schema, "p");
  await log.write({ ...range, examples: [{ ...example(1), features: { a: 1 } }, example(2)], early: [] });
  expect(log.count).toBe(1);
});

it("samples about the share of flights that is asked for, and of a greater share those of a smaller one", () => {
  const flights = Array.from({ length: 50_000 }, (_, i) => String(i).padStart(7, "0"));
  const few = flights.filter((flight) => isIn(flight, 0.1));
  const many = new Set(flights.filter((flight) => isIn(flight, 0.3)));
  expect(few.length / flights.length).toBeCloseTo(0.1, 2);
  expect(many.size / flights.length).toBeCloseTo(0.3, 2);
  expect(few.filter((flight) => !many.has(flight))).toHaveLength(0);
});
