import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Reject, reject } from "../../../../functions/contract/reject.ts";
import { createRedactor } from "../../../../functions/core/private/redactor.ts";
import { redactReject } from "../../../../functions/core/reject/redact-reject.ts";

const redactor = createRedactor(["user", "card.number"], (text) => `<${text.length}>`);

function whole(data: string, more: Partial<Reject> = {}): Reject & { data: string } {
  return {
    code: "input.type",
    message: 'event id: got "ada" at "user", expected a number',
    model: "m",
    place: { stream: "arn", shard: "shard", sequenceNumber: "1", subIndex: 0 },
    partitionKey: "ada",
    arrivedAt: "2026-01-01T00:00:00.000Z",
    ...more,
    data: Buffer.from(data).toString("base64"),
  };
}

describe("redactReject", () => {
  it("takes private values out of data, partition key and message, and names their paths", () => {
    const given = whole('{"user":"ada","card":{"number":"4111","type":"v"}}');
    const redacted = redactReject(given, redactor);
    expect(reject.parse(redacted)).toEqual({
      ...given,
      message: 'event id: got "(private)" at "user", expected a number',
      partitionKey: "<3>",
      data: Buffer.from('{"card":{"type":"v"}}').toString("base64"),
      removed: ["user", "card.number"],
    });
  });

  it("says of an event without private values that it is whole", () => {
    const given = whole('{"rest":1}', { partitionKey: "key" });
    expect(redactReject(given, redactor)).toEqual(given);
  });

  it("leaves of an event that cannot be parsed its length, its hash and the reason", () => {
    const { data: _, ...given } = whole("{user: ada}", { code: "input.malformed", message: "not JSON" });
    const redacted = redactReject(whole("{user: ada}", given), redactor);
    expect(reject.parse(redacted)).toEqual({
      ...given,
      partitionKey: "<3>",
      dataLengthBytes: 11,
      dataSha256: createHash("sha256").update("{user: ada}").digest("hex"),
    });
  });

  it("believes no message about an event that could be read there and cannot be here", () => {
    const deep = `{"user":${"[".repeat(200_000)}"ada"${"]".repeat(200_000)}}`;
    expect(redactReject(whole(deep), redactor).message).toMatch(/nested too deep/);
  });

  it("changes nothing where nothing is private", () => {
    const given = whole("{");
    expect(redactReject(given, createRedactor([], String))).toBe(given);
  });
});
