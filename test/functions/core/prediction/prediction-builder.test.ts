import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { prediction } from "../../../../functions/contract/prediction.ts";
import { selectRows } from "../../../../functions/core/prediction/prediction-batch.ts";
import { createPredictionBuilder } from "../../../../functions/core/prediction/prediction-builder.ts";
import { createPredictionNamer } from "../../../../functions/core/prediction/prediction-id.ts";

const digest = "a".repeat(64) as ModelDigest;
const nowMs = Date.UTC(2026, 0, 1);
const place = {
  stream: "arn:stream/events",
  shard: "shardId-000000000000",
  sequenceNumber: "7",
  subIndex: 0,
};
const options = {
  model: "m",
  digest,
  role: "champion",
  keepSeconds: 100,
  placeOf: () => place,
  now: () => nowMs,
} as const;

function builderOf(events: readonly { id?: string; timeMs?: number; entity?: string }[]) {
  const builder = createPredictionBuilder(options);
  events.forEach(({ id, timeMs, entity }, record) => {
    builder.add({ id, timeMs, entity }, 5_000, record * 2);
  });
  return builder;
}

describe("prediction builder", () => {
  it("writes bodies that consumers can parse, whatever stands in an id", () => {
    const event = fc.record({
      id: fc.string({ unit: "binary", minLength: 1 }),
      timeMs: fc.integer({ min: -8.64e15, max: 8.64e15 }),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 5 }), (events) => {
        const { batch } = builderOf(events).build(
          events.map((_, i) => `{"p":${i},"l":["a"]}`),
          undefined,
        );
        batch.bodies.forEach((body, i) => {
          const { id, timeMs } = events[i]!;
          expect(prediction.parse(JSON.parse(body))).toEqual({
            predictionId: createPredictionNamer("m", "champion").ofEvent(id, timeMs),
            model: "m",
            digest,
            role: "champion",
            eventId: id,
            eventTime: new Date(timeMs).toISOString(),
            outputs: { p: i, l: ["a"] },
          });
        });
      }),
    );
  });

  it("names events without an id by their place, and without a time puts their arrival", () => {
    const { batch } = builderOf([{}]).build(["{}"], undefined);
    expect(batch.eventIds).toEqual(["arn:stream/events/shardId-000000000000/7/0"]);
    expect(batch.entities).toEqual(batch.eventIds);
    expect(batch.predictionIds).toEqual([createPredictionNamer("m", "champion").ofPlace(place)]);
    expect(JSON.parse(batch.bodies[0]!).eventTime).toBe("1970-01-01T00:00:05.000Z");
  });

  it("does not put the arrival into the id of an event without a time: a redelivery may arrive otherwise", () => {
    const { batch } = builderOf([{ id: "e" }]).build(["{}"], undefined);
    expect(batch.predictionIds).toEqual([createPredictionNamer("m", "champion").ofEvent("e", undefined)]);
  });

  it("keeps a row from the event or its writing, whichever is later, in whole seconds rounded up", () => {
    const times = [0, nowMs - 1, nowMs, nowMs + 1, nowMs + 1000];
    const { batch } = builderOf(times.map((timeMs, i) => ({ id: String(i), timeMs }))).build(
      times.map(() => "{}"),
      undefined,
    );
    const now = nowMs / 1000;
    expect(batch.expiresAt).toEqual([now + 100, now + 100, now + 100, now + 101, now + 101]);
  });

  it("leaves out events without outputs, from every column, and says which are left", () => {
    const rows = fc.array(fc.record({ entity: fc.string({ minLength: 1 }), has: fc.boolean() }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 3 }), (events, rowBytes) => {
        const builder = builderOf(events.map(({ entity }, i) => ({ id: `e${i}`, timeMs: i, entity })));
        expect([builder.count, builder.positionOf(events.length - 1)]).toEqual([
          events.length,
          2 * (events.length - 1),
        ]);
        const bytes = Uint8Array.from({ length: events.length * rowBytes }, (_, i) =>
          Math.floor(i / rowBytes),
        );
        const outputs = events.map(({ has }, i) => (has ? `{"i":${i}}` : undefined));
        const { batch, eventOf } = builder.build(outputs, { bytes, rowBytes });
        const left = events.flatMap(({ has }, i) => (has ? [i] : []));
        expect(eventOf).toEqual(left);
        expect(batch.count).toBe(left.length);
        expect(batch.eventIds).toEqual(left.map((i) => `e${i}`));
        expect(batch.entities).toEqual(left.map((i) => events[i]!.entity));
        expect(batch.bodies.map((body) => JSON.parse(body).outputs.i)).toEqual(left);
        expect(batch.features.map((row) => [...row])).toEqual(left.map((i) => Array(rowBytes).fill(i)));
        expect([batch.predictionIds.length, batch.expiresAt.length]).toEqual([left.length, left.length]);
        expect(builder.count).toBe(0);
      }),
    );
  });

  it("begins anew after a build or a clear, and leaves what was built alone", () => {
    const builder = builderOf([{ id: "a" }]);
    const { batch } = builder.build(["{}"], undefined);
    builder.add({ id: "b", timeMs: 1, entity: undefined }, 0, 9);
    expect(batch.eventIds).toEqual(["a"]);
    expect(builder.positionOf(0)).toBe(9);
    builder.clear();
    expect(builder.count).toBe(0);
    expect(builder.build([], undefined).batch.count).toBe(0);
  });
});

describe("selectRows", () => {
  it("picks the same rows of every column", () => {
    const all = builderOf([{ id: "a" }, { id: "b" }, { id: "c" }]).build(["{}", "{}", "{}"], {
      bytes: Uint8Array.of(1, 1, 2, 2, 3, 3),
      rowBytes: 2,
    }).batch;
    const some = selectRows(all, [0, 2]);
    expect(some).toMatchObject({ count: 2, eventIds: ["a", "c"], model: "m" });
    expect(some.features).toEqual([Uint8Array.of(1, 1), Uint8Array.of(3, 3)]);
    expect(some.bodies).toEqual([all.bodies[0], all.bodies[2]]);
    expect(selectRows(all, [])).toMatchObject({ count: 0, bodies: [], features: [] });
    expect(selectRows(all, [0, 1, 2])).toEqual(all);
  });
});
