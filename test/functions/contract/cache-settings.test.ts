import { describe, expect, it } from "vitest";
import { secondsOf } from "../../../functions/contract/duration.ts";
import { modelPackage } from "../../../functions/contract/model-package.ts";

function parse(cache?: object) {
  const json = { name: "m", features: { x: { from: "x" } }, outputs: { y: { from: "y" } } };
  return modelPackage.safeParse(cache === undefined ? json : { ...json, cache });
}

describe("cache in model.json", () => {
  it("has the same defaults whether it is left out, empty or given in part", () => {
    const defaults = { shared: "auto", ttl: "10m", memoryBytes: 16 * 2 ** 20 };
    expect([parse().data?.cache, parse({}).data?.cache]).toEqual([defaults, defaults]);
    expect(parse({ shared: "never" }).data?.cache).toEqual({ ...defaults, shared: "never" });
  });

  it.each([
    ["1s", 1],
    ["90s", 90],
    ["10m", 600],
    ["2h", 7_200],
    ["30d", 2_592_000],
    ["2592000s", 2_592_000],
  ])("takes a ttl of %s, which is %i s", (ttl, seconds) => {
    expect(secondsOf(parse({ ttl }).data!.cache.ttl)).toBe(seconds);
  });

  it.each(["0s", "31d", "2592001s", "10", "m", "", "1.5h", "-1s", "10 m", "1w", 600])(
    "refuses a ttl of %j",
    (ttl) => expect(parse({ ttl }).success).toBe(false),
  );

  it("refuses another way to share", () => expect(parse({ shared: true }).success).toBe(false));
});
