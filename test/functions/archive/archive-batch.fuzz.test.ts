import fc from "fast-check";
import { expect, it } from "vitest";
import { aggregate } from "../../support/aggregate.ts";
import { linesOf, setUp } from "./set-up.ts";

it("archives whatever bytes come, each event once, and lets no private value through", async () => {
  const secret = "s3cr3t-v4lue";
  const json = fc
    .jsonValue()
    .map((value) =>
      JSON.stringify({ ...(value as object), user: { name: secret }, list: [{ card: secret }] }),
    );
  const bytes = fc.oneof(
    json.map((text) => Buffer.from(text)),
    // Cut anywhere, so that the value stands in what cannot be parsed.
    fc.tuple(json, fc.nat()).map(([text, at]) => Buffer.from(text).subarray(0, at % (text.length + 1))),
    fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
  );
  const key = fc.constantFrom(secret, "open");
  const record = fc.oneof(
    fc.record({ data: bytes, partitionKey: key }),
    fc
      .array(fc.record({ data: bytes, partitionKey: key }), { minLength: 1, maxLength: 4 })
      .map((parts) => ({ data: aggregate(parts), partitionKey: "record" })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 8 }), async (records) => {
      const stage = setUp(["one", "two"]);
      await stage.publish("one", ["user"]);
      await stage.publish("two", ["list.card"]);
      expect(await stage.deliver(records.map((each, position) => ({ ...each, position })))).toBe(undefined);
      const lines = [...stage.archive.objects.values()].flatMap(linesOf);
      expect(stage.metrics.sum("ArchivedEvents")).toBe(lines.length);
      const places = lines.map(({ sequenceNumber, subIndex }) => `${sequenceNumber}/${subIndex}`);
      expect(new Set(places).size).toBe(lines.length);
      expect(new Set(lines.map(({ sequenceNumber }) => sequenceNumber)).size).toBe(records.length);
      expect(JSON.stringify([lines, stage.logger, stage.metrics])).not.toContain(secret);
    }),
    { numRuns: 200 },
  );
});
