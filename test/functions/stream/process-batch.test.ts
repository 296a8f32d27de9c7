import { gzipSync } from "node:zlib";
import type { KinesisStreamEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { reject as rejectSchema } from "../../../functions/contract/reject.ts";
import { processBatch } from "../../../functions/stream/process-batch.ts";
import { goldenEvent, readGoldenFlights, treesFolder } from "../../../scripts/models/flight-delay-trees.ts";
import { embeddingModel } from "../../../scripts/onnx/example-models.ts";
import {
  ask,
  examplePackage,
  type Payload,
  packageOf,
  sequenceNumber,
  setUp,
  shard,
  streamArn,
  tablePackage,
} from "./set-up.ts";

describe("the stream function", () => {
  it("predicts on a batch: one run, one prediction per event, stored and emitted alike", async () => {
    const { deliver, emitted, records, store, runs, counts, digest, metrics } = await setUp(tablePackage());
    expect(await deliver([ask("a", 0), ask("b", 3), ask("c", 1)])).toEqual([]);
    expect(emitted()).toMatchObject([
      {
        model: "table",
        digest,
        role: "champion",
        eventId: "a",
        eventTime: "2001-01-31T06:44:00.000Z",
        outputs: { score: 0.125 },
      },
      { eventId: "b", outputs: { score: 1 } },
      { eventId: "c", outputs: { score: 0.25 } },
    ]);
    expect(records.map(({ entity }) => entity)).toEqual(["a", "b", "c"]);
    expect(store.rows.map(({ body }) => body)).toEqual(records.map(({ body }) => body));
    expect(store.rows.map(({ features }) => [...new Float32Array(features.slice().buffer)])).toEqual([
      [0, 0],
      [3, 0],
      [1, 0],
    ]);
    expect(runs).toEqual([3]);
    expect(counts()).toEqual({ events: 3, predicted: 3, skipped: 0, rejected: 0, retried: 0 });
    expect(metrics.flushCount).toBe(1);
  });

  it("answers the golden flights as the library that trained the model does", async () => {
    const flights = await readGoldenFlights();
    const { deliver, emitted, store, counts } = await setUp(
      await examplePackage(treesFolder, { keep: true }),
    );
    expect(await deliver(flights.map(goldenEvent))).toEqual([]);
    const answers = emitted();
    expect(answers).toHaveLength(300);
    flights.forEach(({ probabilityLate, features, origin }, i) => {
      expect(Math.abs((answers[i]!.outputs.probability as number) - probabilityLate)).toBeLessThan(1e-6);
      expect(answers[i]!.outputs.label).toBe(probabilityLate >= 0.5 ? "late" : "on time");
      expect([...new Float32Array(store.rows[i]!.features.slice().buffer)]).toEqual(features);
      expect(origin).toMatch(/^[A-Z]{3}$/);
    });
    expect(counts()).toMatchObject({ events: 300, predicted: 300 });
  });

  it("predicts on tensors, nested or flat", async () => {
    const { deliver, emitted, rejects } = await setUp(
      packageOf(embeddingModel(), {
        name: "embedding",
        features: { embedding: { from: "v", shape: [4, 8] } },
        outputs: { scores: { from: "scores" }, top: { of: "scores", names: ["a", "b", "c"] } },
      }),
    );
    const flat = Array.from({ length: 32 }, (_, i) => Math.sin(i));
    const nested = [0, 1, 2, 3].map((row) => flat.slice(row * 8, row * 8 + 8));
    expect(await deliver([{ v: flat }, { v: nested }, { v: flat.slice(1) }])).toEqual([]);
    const [first, second] = emitted();
    expect(first?.outputs).toEqual(second?.outputs);
    const scores = first!.outputs.scores as number[];
    expect(scores.reduce((sum, each) => sum + each)).toBeCloseTo(1, 6);
    expect(first?.outputs.top).toBe("abc"[scores.indexOf(Math.max(...scores))]);
    expect(rejects.rejects.map(({ code }) => code)).toEqual(["input.shape"]);
  });

  it("rejects every kind of poison with its reason and its original, and predicts all others", async () => {
    const sound = (i: number) => ask(`sound-${i}`, i % 4);
    const poison: [Payload, string, RegExp][] = [
      ["", "input.malformed", /got an empty record/],
      ["{", "input.malformed", /not JSON/],
      ["[]", "input.malformed", /got a list/],
      ['"text"', "input.malformed", /got a string/],
      [Uint8Array.of(0x7b, 0xff, 0x7d), "input.malformed", /not UTF-8/],
      [Uint8Array.of(0x1f, 0x8b, 8, 0), "input.malformed", /gzip data that cannot be decompressed/],
      [gzipSync(Buffer.alloc(2 ** 20)), "input.too_large", /after decompression, expected at most 262144/],
      ["x".repeat(2 ** 20), "input.too_large", /got about \d+ bytes, expected at most 262144/],
      [ask("p", "NaN"), "input.type", /feature "place": got "NaN", expected a number/],
      [ask("p", {}), "input.type", /feature "place": got an object/],
      [ask("p", null), "input.missing", /feature "place": got null at "place"/],
      ['{"type":"ask","id":"p","at":0}', "input.missing", /feature "place": got nothing/],
      [
        '{"type":"ask","id":"p","at":0,"place":1e999}',
        "input.range",
        /got Infinity, expected a number within/,
      ],
      ['{"type":"ask","id":"p","at":0,"place":1e39}', "input.range", /got 1e\+39, expected a number within/],
      ['{"type":"ask","at":0,"place":1}', "input.missing", /event id: got nothing/],
      [ask("", 1), "input.type", /event id: got "" at "id", expected/],
      [ask("p", 1, { at: "soon" }), "input.type", /event time: got "soon" at "at"/],
      [ask("", "x", { at: null }), "input.type", /event id: .* \| event time: .* \| feature "place": /],
      [ask("p", 99), "run.failed", /the run failed/],
    ];
    const payloads = poison.flatMap(([payload], i) => [sound(2 * i), payload, sound(2 * i + 1)]);
    const { deliver, emitted, rejects, counts, metrics } = await setUp(tablePackage());
    expect(await deliver(payloads, 100)).toEqual([]);

    expect(emitted().map(({ eventId }) => eventId)).toEqual(
      poison.flatMap((_, i) => [`sound-${2 * i}`, `sound-${2 * i + 1}`]),
    );
    expect(emitted().map(({ outputs }) => outputs.score)).toEqual(
      poison.flatMap((_, i) => [2 * i, 2 * i + 1].map((k) => [0.125, 0.25, 0.5, 1][k % 4])),
    );
    const byPlace = new Map(
      rejects.rejects.map((each) => [each.place.sequenceNumber, rejectSchema.parse(each)]),
    );
    expect(byPlace.size).toBe(poison.length);
    poison.forEach(([payload, code, message], i) => {
      const position = 100 + 3 * i + 1;
      const got = byPlace.get(sequenceNumber(position))!;
      expect(got).toMatchObject({
        code,
        message: expect.stringMatching(message),
        model: "table",
        place: { stream: streamArn, shard, subIndex: 0 },
        partitionKey: `key-${position}`,
        arrivedAt: new Date(1_700_000_000_987 + position * 1000).toISOString(),
      });
      const original =
        payload instanceof Uint8Array
          ? payload
          : Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
      expect(Buffer.from(got.data!, "base64").equals(original)).toBe(true);
    });
    expect([...rejects.objects.keys()]).toEqual([
      `rejects/table/events/${shard}/${sequenceNumber(100)}-${sequenceNumber(100 + payloads.length - 1)}.ndjson.gz`,
    ]);
    expect(counts()).toEqual({
      events: payloads.length,
      predicted: 2 * poison.length,
      skipped: 0,
      rejected: poison.length,
      retried: 0,
    });
    expect(metrics.sum("RejectedByReason", { Reason: "input.malformed" })).toBe(6);
    expect(metrics.sum("RejectedByReason")).toBe(poison.length);
  });

  it("isolates rows that make the model fail, by halving", async () => {
    const { deliver, emitted, rejects, runs } = await setUp(tablePackage());
    const guilty = new Set([5, 40, 41]);
    const payloads = Array.from({ length: 64 }, (_, i) => ask(String(i), guilty.has(i) ? 99 : i % 4));
    expect(await deliver(payloads)).toEqual([]);
    expect(emitted().map(({ eventId }) => Number(eventId))).toEqual(
      payloads.map((_, i) => i).filter((i) => !guilty.has(i)),
    );
    for (const { eventId, outputs } of emitted())
      expect(outputs.score).toBe([0.125, 0.25, 0.5, 1][Number(eventId) % 4]);
    expect(rejects.rejects.map(({ place }) => place.sequenceNumber)).toEqual([5, 40, 41].map(sequenceNumber));
    expect(runs).toEqual([64]);
  });

  it.each([1, 7, 1024])("gives the same predictions whatever the chunk: %i rows", async (chunkRows) => {
    const payloads = Array.from({ length: 30 }, (_, i) =>
      i % 5 === 2 ? "{" : i % 5 === 3 ? { type: "other" } : ask(String(i), i % 4),
    );
    const { deliver, emitted, runs, counts, rejects } = await setUp(
      tablePackage({ limits: { chunkRows }, cache: { memoryBytes: 0 } }),
    );
    expect(await deliver(payloads)).toEqual([]);
    expect(emitted().map(({ eventId, outputs }) => [Number(eventId), outputs.score])).toEqual(
      payloads.flatMap((_, i) => (i % 5 === 2 || i % 5 === 3 ? [] : [[i, [0.125, 0.25, 0.5, 1][i % 4]]])),
    );
    expect(runs).toEqual({ 1: Array(18).fill(1), 7: [7, 7, 4], 1024: [18] }[chunkRows]);
    expect(counts()).toEqual({ events: 30, predicted: 18, skipped: 6, rejected: 6, retried: 0 });
    expect(rejects.objects.size).toBe(1);
  });

  it("runs the model no more where the last chunk is exactly full, and not at all where nothing asks", async () => {
    const { deliver, runs, emitted, counts } = await setUp(tablePackage({ limits: { chunkRows: 2 } }));
    await deliver([ask("a", 1), ask("b", 2), { type: "other" }]);
    expect(runs).toEqual([2]);
    await deliver([{ type: "other" }, {}, { type: "asks" }], 3);
    expect([runs.length, emitted().length, counts().skipped]).toEqual([1, 2, 4]);
  });

  it("never touches the table where nothing is kept", async () => {
    const store = {
      put: async () => {
        throw new Error("the table was touched");
      },
    };
    const { deliver, emitted } = await setUp(tablePackage({ keep: false }), { store });
    expect(await deliver([ask("a", 1)])).toEqual([]);
    expect(emitted()).toHaveLength(1);
  });

  it("names events without an id by their place, and gives events without a time their arrival", async () => {
    const { deliver, emitted, records } = await setUp(tablePackage({ event: {} }));
    await deliver(
      [
        { type: "ask", place: 1 },
        { type: "ask", place: 1 },
      ],
      5,
    );
    const [first, second] = emitted();
    expect(first).toMatchObject({
      eventId: `${streamArn}/${shard}/${sequenceNumber(5)}/0`,
      eventTime: "2023-11-14T22:13:25.987Z",
    });
    expect(second?.eventId).toBe(`${streamArn}/${shard}/${sequenceNumber(6)}/0`);
    expect(second?.predictionId).not.toBe(first?.predictionId);
    expect(records[0]?.entity).toBe(first?.eventId);
  });

  it("refuses a call that no event source makes", async () => {
    const { deps } = await setUp(tablePackage());
    for (const event of [{ Records: [] }, {}, { Records: [{ eventSource: "aws:sqs" }] }])
      await expect(processBatch(event as unknown as KinesisStreamEvent, deps)).rejects.toMatchObject({
        name: "InvariantError",
        code: "bug",
      });
  });
});
