import fc from "fast-check";
import { expect, it } from "vitest";
import { progressBar } from "../../../scripts/cli/progress-bar.ts";

it("a progress bar is empty at zero, full at one, and exact to an eighth of a column between", () => {
  expect(progressBar(0, 4)).toBe("    ");
  expect(progressBar(0.5, 4)).toBe("██  ");
  expect(progressBar(0.59, 4)).toBe("██▍ ");
  expect(progressBar(1, 4)).toBe("████");
});

it("a progress bar always has its width, and never shrinks as the share grows", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1, max: 2, noNaN: true }),
      fc.integer({ min: 1, max: 60 }),
      (ratio, width) => {
        expect(progressBar(ratio, width)).toHaveLength(width);
        expect(eighthsOf(progressBar(ratio + 0.25, width))).toBeGreaterThanOrEqual(
          eighthsOf(progressBar(ratio, width)),
        );
      },
    ),
  );
});

/** The blocks run from U+2588, all of a column, to U+258F, an eighth of it. */
function eighthsOf(bar: string): number {
  return [...bar.trimEnd()].reduce((sum, block) => sum + 0x2590 - block.charCodeAt(0), 0);
}
