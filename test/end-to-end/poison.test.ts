import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { treesFolder } from "../../scripts/models/flight-delay-trees.ts";
import { bytesOf, putAll } from "./support/events.ts";
import { departure } from "./support/flight-events.ts";
import { predictionsOf } from "./support/predictions.ts";
import { publish } from "./support/publish.ts";
import { readRejects, type StoredReject } from "./support/rejects.ts";
import type { Stage } from "./support/stage.ts";
import { openStage } from "./support/target.ts";
import { waitUntil } from "./support/wait-until.ts";

const model = "flight-delay";
/** One shard, so that all of it stands in one batch. */
const partitionKey = "poison";

/** Bytes nobody can predict on, by what is wrong with them, and the code they are to be rejected with. */
const poison: Readonly<Record<string, readonly [code: string, data: Uint8Array | object]>> = {
  "no JSON at all": ["input.malformed", text("the flight is late")],
  "JSON cut off": ["input.malformed", bytesOf(departure("cut")).subarray(0, 40)],
  "JSON with a tail": ["input.malformed", text(`${JSON.stringify(departure("tail"))}]`)],
  "a bare NaN": ["input.malformed", text('{"type":"departure","flight":"nan","distance":NaN}')],
  "no bytes": ["input.malformed", new Uint8Array(0)],
  "invalid UTF-8": ["input.malformed", invalidUtf8()],
  "gzip that is none": ["input.malformed", Uint8Array.of(0x1f, 0x8b, ...text("not deflated at all"))],
  "gzip cut off": ["input.malformed", gzipSync(bytesOf(departure("gzip-cut"))).subarray(0, 60)],
  "gzip of no JSON": ["input.malformed", gzipSync("nonsense")],
  "a gzip bomb": ["input.too_large", gzipSync(new Uint8Array(2 ** 24))],
  "1 MiB": ["input.too_large", oneMebibyte()],
  "a number in place of an object": ["input.malformed", text("42")],
  "a list": ["input.malformed", bytesOf([departure("listed")])],
  "text for a number": ["input.type", departure("type", { distance: "far" })],
  'the text "NaN" for a number': ["input.type", departure("nan-text", { distance: "NaN" })],
  "a number for a time": ["input.type", departure("time", { departs: "yesterday" })],
  "an object for an airport": ["input.type", departure("airport", { origin: { code: "ORD" } })],
  "no airport": ["input.missing", departure("no-airport", { origin: undefined })],
  "null for an airport": ["input.missing", departure("null-airport", { destination: null })],
  "no id": ["input.missing", departure("", { flight: undefined })],
  "nothing but the type": ["input.missing", { type: "departure" }],
  "a huge number": ["input.range", departure("huge", { distance: 1e308 })],
  "a number beyond float64": [
    "input.range",
    text(JSON.stringify(departure("1e999")).replace("1005", "1e999")),
  ],
  "a negative distance": ["input.range", departure("negative", { distance: -1 })],
};

describe("poison in the middle of a batch", () => {
  let stage: Stage;
  const good = Array.from({ length: 200 }, (_, i) => departure(`good-${i}`));
  const zipped = departure("zipped");
  let rejects: readonly StoredReject[] = [];

  beforeAll(async () => {
    stage = await openStage();
    await publish(stage, fileURLToPath(treesFolder));
    const middle = Object.values(poison).map(([, data]) => data);
    await putAll(
      stage,
      [...good.slice(0, 100), ...middle, gzipSync(bytesOf(zipped)), ...good.slice(100)].map((data) => ({
        data,
        partitionKey,
      })),
    );
    await waitUntil(stage, async () => {
      rejects = (await readRejects(stage, model)).filter((each) => each.partitionKey === partitionKey);
      const left = Object.keys(poison).filter((name) => findReject(rejects, name) === undefined);
      return left.length === 0 ? undefined : `rejects of ${left.join(", ")}`;
    });
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it.for(Object.keys(poison))("is rejected with its reason and its place: %s", (name) => {
    const [code] = poison[name]!;
    const { message, place, ...reject } = findReject(rejects, name)!;
    expect(`${reject.code}: ${message}`).toMatch(new RegExp(`^${code}: .*(got|expected)`));
    expect(place).toMatchObject({ shard: expect.stringMatching(/^shardId-/), subIndex: 0 });
    expect(place.sequenceNumber).toMatch(/^\d{20,}$/);
    expect(Date.parse(reject.arrivedAt)).toBeGreaterThan(Date.now() - 3_600_000);
  });

  it("is kept to the byte, and nothing else is rejected", () => {
    const originals = Object.values(poison).map(([, data]) => Buffer.from(bytesOf(data)).toString("base64"));
    expect(rejects.map(({ data }) => data).toSorted()).toEqual(originals.toSorted());
  });

  it("does not keep the events round it from being predicted", async () => {
    const got = await predictionsOf(
      stage,
      model,
      good.map(({ flight }) => flight),
    );
    expect(got.size).toBe(good.length);
  });

  it("does not keep gzip JSON from being predicted, and as the same event in plain JSON is", async () => {
    const got = await predictionsOf(stage, model, [zipped.flight, good[0]!.flight]);
    const [one, other] = [zipped, good[0]!].map(({ flight }) => got.get(flight)![0]!.prediction.outputs);
    expect(one).toEqual(other);
  });
});

function findReject(rejects: readonly StoredReject[], name: string): StoredReject | undefined {
  const bytes = bytesOf(poison[name]![1]);
  return rejects.find((each) => each.bytes.equals(bytes));
}

function text(content: string): Uint8Array {
  return Buffer.from(content);
}

/** A departure with a byte in the middle of a string that no UTF-8 text has. */
function invalidUtf8(): Uint8Array {
  const bytes = Buffer.from(bytesOf(departure("utf8", { origin: "O*D" })));
  bytes[bytes.indexOf("*")] = 0xff;
  return bytes;
}

/** The largest record that a stream takes by default: its partition key counts. */
function oneMebibyte(): Uint8Array {
  const event = JSON.stringify(departure("mebibyte", { padding: "*" }));
  return text(event.replace("*", "*".repeat(2 ** 20 - partitionKey.length - event.length + 1)));
}
