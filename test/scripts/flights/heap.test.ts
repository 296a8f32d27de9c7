import fc from "fast-check";
import { expect, it } from "vitest";
import { createHeap } from "../../../scripts/flights/heap.ts";

/** A number to push, or nothing to pop. */
const steps = fc.array(fc.option(fc.integer({ min: 0, max: 20 })), { maxLength: 200 });

it("a heap gives the least first, whatever was pushed and popped before, as a sorted list does", () => {
  fc.assert(
    fc.property(steps, (some) => {
      const heap = createHeap<number>((a, b) => a - b);
      let sorted: number[] = [];
      for (const step of some) {
        if (step === null) expect(heap.pop()).toBe(sorted.shift());
        else {
          heap.push(step);
          sorted = [...sorted, step].sort((a, b) => a - b);
        }
        expect([heap.size, heap.peek()]).toEqual([sorted.length, sorted[0]]);
      }
    }),
  );
});
