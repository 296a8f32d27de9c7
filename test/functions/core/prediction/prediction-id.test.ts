import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Place } from "../../../../functions/contract/reject.ts";
import { createPredictionNamer, placeText } from "../../../../functions/core/prediction/prediction-id.ts";

const namer = createPredictionNamer("flight-delay", "champion");
const place: Place = {
  stream: "arn:aws:kinesis:eu-west-1:111122223333:stream/events",
  shard: "shardId-000000000000",
  sequenceNumber: "4954",
  subIndex: 0,
};

/** The first 132 bits of SHA-256 in base64url, by hand. */
function sha256(text: string): string {
  const hex = createHash("sha256").update(Buffer.from(text, "utf8")).digest("hex");
  return Buffer.from(hex, "hex").toString("base64").replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
}

describe("prediction id", () => {
  it("is a SHA-256 of kind, model, role, event id and time", () => {
    const time = Date.UTC(2001, 0, 31, 6, 44);
    expect(namer.ofEvent("0163764", time)).toBe(
      sha256(`event\0flight-delay\0champion\x000163764\x00${time}`),
    );
    expect(namer.ofEvent("0163764", undefined)).toBe(sha256("event\0flight-delay\0champion\x000163764\0"));
    expect(namer.ofPlace(place)).toBe(
      sha256(`place\0flight-delay\0champion\0${place.stream}/shardId-000000000000/4954/0`),
    );
  });

  it("stays the same for ever", () => {
    // Computed with OpenSSL: printf 'event\0m\0champion\0e-1\0000' | openssl dgst -sha256 -binary | base64
    expect(createPredictionNamer("m", "champion").ofEvent("e-1", 0)).toBe("5mgEBkaFljA8ctfJSxOjiO");
  });

  it("is the same for the same event and differs for any other", () => {
    const event = fc.tuple(
      fc.string({ unit: "binary" }).filter((id) => id.isWellFormed()),
      fc.option(fc.integer(), { nil: undefined }),
    );
    fc.assert(
      fc.property(event, event, ([idA, timeA], [idB, timeB]) => {
        const same = idA === idB && timeA === timeB;
        expect(namer.ofEvent(idA, timeA) === namer.ofEvent(idB, timeB)).toBe(same);
      }),
      {
        numRuns: 2000,
        examples: [
          [
            ["a\x001", undefined],
            ["a", 1],
          ],
          [
            ["a\0", 1],
            ["a", 1],
          ],
          [
            ["1", 2],
            ["", 12],
          ],
        ],
      },
    );
  });

  it("differs by model, role and kind, and by every part of a place", () => {
    const ids = [
      namer.ofEvent("x", 1),
      createPredictionNamer("flight", "champion").ofEvent("x", 1),
      createPredictionNamer("flight-delay", "shadow").ofEvent("x", 1),
      namer.ofEvent(placeText(place), undefined),
      namer.ofPlace(place),
      namer.ofPlace({ ...place, subIndex: 1 }),
      namer.ofPlace({ ...place, sequenceNumber: "4955" }),
      namer.ofPlace({ ...place, shard: "shardId-000000000001" }),
      namer.ofPlace({ ...place, stream: `${place.stream}2` }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
