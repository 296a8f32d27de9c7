import { describe, expect, it } from "vitest";
import type { View } from "../../../../functions/contract/view.ts";
import { viewDigest } from "../../../../functions/core/views/view-digest.ts";

const view: View = {
  on: { type: ["arrival", "landing"], airline: "UA" },
  key: "origin",
  value: "delay",
  rate: { is: [1, 2] },
  time: "arrives",
  tile: "60m",
  lateness: "0s",
};
const kept = { topLevel: 0, isConcealed: false };
const digest = viewDigest(view, kept);

describe("view digest", () => {
  it("is 16 hex digits", () => {
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each<[string, View]>([
    ["a duration", { ...view, tile: "1h" }],
    ["a key", { ...view, key: ["origin"] }],
    ["a condition", { ...view, on: { airline: ["UA"], type: ["landing", "arrival"] } }],
    ["a test", { ...view, rate: { is: [2, 1] } }],
  ])("does not hang on how %s is spelled", (_, given) => {
    expect(viewDigest(given, kept)).toBe(digest);
  });

  it.each<[string, View]>([
    ["which events feed it", { ...view, on: { type: "arrival" } }],
    ["the type of a value", { ...view, rate: { is: ["1", 2] } }],
    ["the key", { ...view, key: "destination" }],
    ["the order of a key's parts", { ...view, key: ["origin", "destination"] }],
    ["the value", { ...view, value: "taxi" }],
    ["the time", { ...view, time: undefined }],
    ["the tile", { ...view, tile: "5m" }],
    ["the lateness", { ...view, lateness: "10m" }],
  ])("hangs on %s", (_, given) => {
    expect(viewDigest(given, kept)).not.toBe(digest);
  });

  it("hangs on the levels kept, and on whether keys are concealed", () => {
    const others = [
      viewDigest(view, { ...kept, topLevel: 1 }),
      viewDigest(view, { ...kept, isConcealed: true }),
    ];
    expect(new Set([digest, ...others]).size).toBe(3);
  });
});
