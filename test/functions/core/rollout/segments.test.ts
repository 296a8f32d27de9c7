import { describe, expect, it } from "vitest";
import { createEventReader } from "../../../../functions/core/decode/event-reader.ts";
import { createFieldIndex } from "../../../../functions/core/decode/field-index.ts";
import { compileSegments } from "../../../../functions/core/rollout/segments.ts";

function readerOf(segments: Parameters<typeof compileSegments>[0]["segments"]) {
  const index = createFieldIndex();
  const program = compileSegments({ segments }, index);
  const reader = createEventReader(index.specs);
  return (event: unknown) => {
    reader.read(Buffer.from(JSON.stringify(event)));
    return program.read(reader.fields);
  };
}

describe("compileSegments", () => {
  it("names the listed value of each segment, and null for all others", () => {
    const read = readerOf({
      hub: { from: "flight.origin", values: ["ORD", "ATL"] },
      stops: { from: "stops", values: [0, 1] },
      late: { from: "late", values: [true] },
    });
    expect(read({ flight: { origin: "ORD" }, stops: 1, late: true })).toEqual({
      hub: "ORD",
      stops: "1",
      late: "true",
    });
    expect(read({ flight: { origin: "ord" }, stops: "1", late: false })).toEqual({
      hub: null,
      stops: null,
      late: null,
    });
    expect(read({})).toEqual({ hub: null, stops: null, late: null });
  });

  it("reads nothing where none is declared", () => {
    expect(readerOf({})({ a: 1 })).toBeUndefined();
  });
});
