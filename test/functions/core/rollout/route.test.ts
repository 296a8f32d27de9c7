import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { isChallengersEntity, isShadowed } from "../../../../functions/core/rollout/route.ts";

const digestOf = (letter: string) => letter.repeat(64) as ModelDigest;
const [one, two] = [digestOf("a"), digestOf("b")];

describe("isChallengersEntity", () => {
  it("gives the challenger all of its entities again when the share grows, and none at 0, all at 1", () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (entity, share) => {
        expect(isChallengersEntity(entity, one, 0)).toBe(false);
        expect(isChallengersEntity(entity, one, 1)).toBe(true);
        if (isChallengersEntity(entity, one, share)) {
          expect(isChallengersEntity(entity, one, Math.min(1, share + 0.1))).toBe(true);
        }
      }),
    );
  });

  it.each([
    ["short numbers", (i: number) => String(i)],
    [
      "airports",
      (i: number) => String.fromCharCode(65 + (i % 26), 65 + ((i / 26) % 26), 65 + ((i / 676) % 26)),
    ],
    ["long texts", (i: number) => `customer/${"0".repeat(100)}/${i}`],
  ])("gives a share of %s that is right within four standard errors", (_, nameOf) => {
    const count = 17_000;
    for (const share of [0.01, 0.1, 0.5, 0.9]) {
      let given = 0;
      for (let i = 0; i < count; i++) if (isChallengersEntity(nameOf(i), one, share)) given++;
      const error = Math.sqrt((share * (1 - share)) / count);
      expect(Math.abs(given / count - share)).toBeLessThan(4 * error);
    }
  });

  it("meets other entities with another challenger: one half of one half is a quarter", () => {
    let both = 0;
    for (let i = 0; i < 10_000; i++) {
      if (isChallengersEntity(`e${i}`, one, 0.5) && isChallengersEntity(`e${i}`, two, 0.5)) both++;
    }
    expect(Math.abs(both / 10_000 - 0.25)).toBeLessThan(0.02);
  });
});

describe("isShadowed", () => {
  it("takes every event at 1, and a sample apart from the challenger's at less", () => {
    let [sampled, both] = [0, 0];
    for (let i = 0; i < 10_000; i++) {
      expect(isShadowed(`e${i}`, one, 1)).toBe(true);
      if (!isShadowed(`e${i}`, one, 0.5)) continue;
      sampled++;
      if (isChallengersEntity(`e${i}`, one, 0.5)) both++;
    }
    expect(Math.abs(sampled / 10_000 - 0.5)).toBeLessThan(0.02);
    expect(Math.abs(both / 10_000 - 0.25)).toBeLessThan(0.02);
  });
});
