import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { treesFolder } from "../../../scripts/models/flight-delay-trees.ts";
import { ask, examplePackage, type Payload, sequenceNumber, setUp, tablePackage } from "./set-up.ts";

const payloadCount = 10_000;
const batchRows = 200;

/** Mostly what a producer means to send, now and then any JSON. */
function mostly<Value>(sound: fc.Arbitrary<Value>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: sound }, { weight: 1, arbitrary: fc.jsonValue() });
}

const departure = fc.record({
  type: mostly(fc.constantFrom("departure", "departure", "departure", "arrival")),
  flight: mostly(fc.stringMatching(/^\d{7}$/)),
  departs: mostly(
    fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.integer(),
    ),
  ),
  origin: mostly(fc.constantFrom("ORD", "MCO", "XXX")),
  destination: mostly(fc.constantFrom("ATL", "BHM")),
  distance: mostly(fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 6000 }) }, fc.double())),
});
const edit = fc.tuple(fc.nat(150), fc.nat(3), fc.uint8Array({ maxLength: 3 }));

/** Events as producers send them, events gone wrong in a value or in a few bytes, and any JSON or bytes at all. */
function payloads(sound: fc.Arbitrary<object>): fc.Arbitrary<Payload> {
  const mutated = fc.tuple(sound, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([event, edits]) => {
    const bytes = [...Buffer.from(JSON.stringify(event))];
    for (const [at, removed, added] of edits) bytes.splice(at, removed, ...added);
    return Uint8Array.from(bytes);
  });
  return fc.oneof(
    { weight: 4, arbitrary: sound },
    { weight: 3, arbitrary: mutated },
    { weight: 1, arbitrary: sound.map((event) => gzipSync(JSON.stringify(event, undefined, 1))) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 50 }).map((tail) => Uint8Array.of(0x1f, 0x8b, 8, ...tail)),
    },
  );
}

async function fuzz(files: Parameters<typeof setUp>[0], sound: fc.Arbitrary<object>) {
  const all = fc.sample(payloads(sound), { numRuns: payloadCount, seed: 20_010_131 });
  const { deliver, emitted, records, rejects, counts, metrics, loader, digest } = await setUp(files);
  const { program } = await loader.load(digest!);
  let skippedCount = 0;
  for (let from = 0; from < all.length; from += batchRows) {
    const batch = all.slice(from, from + batchRows);
    const before = records.length;
    expect(await deliver(batch, from)).toEqual([]);
    const rejectedAt = new Set(rejects.rejects.map(({ place }) => place.sequenceNumber));
    // Each event ended in exactly one way: rejected, skipped because it does not ask, or predicted.
    const skipped = batch.filter((payload, i) => {
      if (rejectedAt.has(sequenceNumber(from + i))) return false;
      const bytes = Buffer.from(
        payload instanceof Uint8Array
          ? payload
          : typeof payload === "string"
            ? payload
            : JSON.stringify(payload),
      );
      program.reader.read(program.payloads.decode(bytes.toString("base64")));
      return !program.asks(program.reader.fields);
    });
    skippedCount += skipped.length;
    const rejectedHere = batch.filter((_, i) => rejectedAt.has(sequenceNumber(from + i))).length;
    expect(records.length - before).toBe(batch.length - skipped.length - rejectedHere);
  }
  const places = rejects.rejects.map(({ place }) => place.sequenceNumber);
  expect(new Set(places).size).toBe(places.length);
  expect(counts()).toEqual({
    events: all.length,
    predicted: emitted().length,
    skipped: skippedCount,
    rejected: places.length,
    retried: 0,
  });
  expect(metrics.sum("RejectedByReason")).toBe(places.length);
  return {
    predicted: emitted().length,
    skipped: skippedCount,
    codes: new Set(rejects.rejects.map(({ code }) => code)),
  };
}

describe("any payloads at all", () => {
  it("end as flights predicted, skipped or rejected, each in exactly one way, and are counted so", async () => {
    const { predicted, skipped, codes } = await fuzz(await examplePackage(treesFolder), departure);
    expect(predicted).toBeGreaterThan(100);
    expect(skipped).toBeGreaterThan(100);
    expect([...codes].sort()).toEqual(["input.malformed", "input.missing", "input.range", "input.type"]);
  });

  it("end so too where rows make the model itself fail", async () => {
    const sound = fc.tuple(fc.uuid(), fc.integer({ min: -6, max: 5 })).map(([id, place]) => ask(id, place));
    const { predicted, codes } = await fuzz(tablePackage({ limits: { chunkRows: 64 } }), sound);
    expect(predicted).toBeGreaterThan(100);
    expect(codes).toContain("run.failed");
  });
});
