import fc from "fast-check";
import { expect, it } from "vitest";
import { compareUtf8 } from "../../../../functions/core/state/utf8-order.ts";

const text = fc.string({ unit: fc.constantFrom("", "a", "b", "é", "\ud7ff", "\ue000", "\uffff", "𐀀", "😀") });

it("orders texts as their bytes are ordered", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 1_000 },
  );
});

it("puts what UTF-16 would put first behind", () => {
  expect("😀" < "\uffff").toBe(true);
  expect(compareUtf8("😀", "\uffff")).toBeGreaterThan(0);
});
