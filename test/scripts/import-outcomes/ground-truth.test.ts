import { describe, expect, it } from "vitest";
import { modelPackage } from "../../../functions/contract/model-package.ts";
import { createGroundTruthReader } from "../../../scripts/import-outcomes/ground-truth.ts";
import { importOutcomes } from "../../../scripts/import-outcomes/import-outcomes.ts";
import type { OutgoingEvent } from "../../../scripts/replay/put-events.ts";

function declare(label: Record<string, unknown> | undefined, parts: Record<string, unknown> = {}) {
  return modelPackage.parse({
    name: "flights",
    event: { id: "flight" },
    features: { distance: { from: "distance" } },
    outputs: { probability: { from: "probabilities" } },
    ...(label && { outcome: { on: {}, id: "flight", label: { from: "delay", ...label }, within: "1d" } }),
    ...parts,
  });
}

const binary = { above: 15 };

/** A line as SageMaker documents it. */
function lineOf(data: string, parts: Record<string, unknown> = {}): string {
  return JSON.stringify({
    groundTruthData: { data, encoding: "CSV" },
    eventMetadata: { eventId: "e-1" },
    eventVersion: "0",
    ...parts,
  });
}

function read(line: string, label: Record<string, unknown> = binary, time?: string): unknown {
  return JSON.parse(Buffer.from(createGroundTruthReader(declare(label), time)(line).data).toString());
}

describe("a line of SageMaker's ground truth", () => {
  it("becomes a native outcome event under the id of the event", () => {
    const event = createGroundTruthReader(declare(binary), undefined)(lineOf("1"));
    expect(event).toMatchObject({ id: "e-1", partitionKey: "e-1" });
    expect(JSON.parse(Buffer.from(event.data).toString())).toEqual({
      $outcome: { model: "flights", id: "e-1", label: 1 },
    });
  });

  it.each([
    ["1", binary, 1],
    ["0\n", binary, 0],
    ["TRUE", binary, true],
    ['"false"', binary, false],
    ["-2.5e1", {}, -25],
    ["worn", { classes: ["idle", "worn"] }, "worn"],
    ['"a ""b"", c"', { classes: ['a "b", c', "d"] }, 'a "b", c'],
    ["1", { classes: [0, 1] }, 1],
    ["1", { classes: ["0", "1"] }, "1"],
    ["true", { classes: [true, false] }, true],
  ])("with %j for %j means %j", (data, label, expected) => {
    expect(read(lineOf(data), label)).toMatchObject({ $outcome: { label: expected } });
  });

  it("came true when all of the file did, where that is said", () => {
    expect(read(lineOf("1"), binary, "2001-01-31T00:00:00.000Z")).toMatchObject({
      $outcome: { time: "2001-01-31T00:00:00.000Z" },
    });
  });

  it("may hold what is of no matter", () => {
    const eventMetadata = { eventId: "7", inferenceTime: "2001-01-31T00:00:00Z" };
    expect(read(lineOf("1", { eventMetadata, note: 1 }))).toMatchObject({ $outcome: { id: "7" } });
  });

  it.each([
    ["{", binary, /got no JSON/],
    ["[]", binary, /the line: not as expected/],
    [lineOf("1", { eventMetadata: {} }), binary, /eventMetadata\.eventId: not as expected/],
    [lineOf("1", { eventVersion: "1" }), binary, /eventVersion: not as expected/],
    [
      lineOf("1", { groundTruthData: { data: "MQ==", encoding: "BASE64" } }),
      binary,
      /encoding: got "BASE64"/,
    ],
    [lineOf("1,0"), binary, /several fields/],
    [lineOf("maybe"), binary, /outcome label: got "maybe" at "\$outcome\.label", expected true or false/],
    [lineOf(""), binary, /outcome label: got "" at/],
    [lineOf("2"), binary, /expected true or false, or 1 or 0/],
    [lineOf("broken"), { classes: ["idle", "worn"] }, /expected one of the 2 classes/],
    [lineOf("1", { eventMetadata: { eventId: "x".repeat(300) } }), binary, /outcome id/],
  ])("is refused where it is %s", (line, label, message) => {
    expect(() => read(line, label)).toThrow(message);
  });

  it("above what an event may weigh is refused", () => {
    const pkg = declare(binary, { limits: { eventBytes: 20 } });
    expect(() => createGroundTruthReader(pkg, undefined)(lineOf("1"))).toThrow(/expected at most 20/);
  });
});

describe("importing", () => {
  it("puts the good lines and tells the bad ones by their number", async () => {
    const events: OutgoingEvent[] = [];
    const bad: [number, string][] = [];
    const imported = await importOutcomes({
      lines: [lineOf("1"), "", "nonsense", lineOf("0")],
      read: createGroundTruthReader(declare(binary), undefined),
      put: async (all) => {
        for await (const each of all) events.push(each);
        return { put: events.length };
      },
      noteBad: (line, message) => bad.push([line, message]),
    });
    expect(imported).toEqual({ put: 2, bad: 1 });
    expect(bad).toEqual([[3, expect.stringContaining("got no JSON")]]);
  });

  it("is not begun for a model without an outcome", () => {
    expect(() => createGroundTruthReader(declare(undefined), undefined)).toThrow(/declares no outcome/);
  });
});
