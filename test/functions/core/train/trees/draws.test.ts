import { describe, expect, it } from "vitest";
import { drawEach, drawExactly } from "../../../../../functions/core/train/trees/draws.ts";

const count = 20_000;
const total = (drawn: Uint8Array) => drawn.reduce((sum, each) => sum + each, 0);
const together = (a: Uint8Array, b: Uint8Array) => total(a.map((each, i) => each & b[i]!));

describe("drawing each place by itself", () => {
  const draw = (seed: number, turn: number, share = 0.3) => drawEach({ count, share, seed, turn });

  it("draws about the share, independently from turn to turn and from seed to seed", () => {
    // Four standard deviations: sqrt(20,000 × 0.3 × 0.7) is 65.
    expect(Math.abs(total(draw(1, 1)) - 6000)).toBeLessThan(260);
    for (const other of [draw(1, 2), draw(2, 1), draw(1, 1000)])
      expect(Math.abs(together(draw(1, 1), other) - 1800)).toBeLessThan(4 * 41);
  });

  it("draws a place whatever their number is, and all where the share is one", () => {
    const few = drawEach({ count: 100, share: 0.3, seed: 1, turn: 1 });
    expect(draw(1, 1).subarray(0, 100)).toEqual(few);
    expect(total(draw(1, 1, 1))).toBe(count);
  });
});

describe("drawing an exact share", () => {
  it("draws that many, at least one, other ones from turn to turn", () => {
    const draw = (of: number, share: number, turn = 1) => drawExactly({ count: of, share, seed: 1, turn });
    expect([draw(10, 1), draw(10, 0.55), draw(10, 0.01), draw(1, 0.5)].map(total)).toEqual([10, 6, 1, 1]);
    const turns = Array.from({ length: 200 }, (_, turn) => draw(10, 0.5, turn));
    const often = Array.from(
      { length: 10 },
      (_, place) => turns.filter((drawn) => drawn[place] === 1).length,
    );
    // Each place in half of 200 turns; four standard deviations are 28.
    for (const each of often) expect(Math.abs(each - 100)).toBeLessThan(29);
  });
});
