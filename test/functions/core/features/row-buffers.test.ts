import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRowBuffers } from "../../../../functions/core/features/row-buffers.ts";
import type { InputLayout } from "../../../../functions/core/features/row-layout.ts";
import type { NumericArray, NumericType } from "../../../../functions/core/inference/tensor.ts";

const sizes: Record<NumericType, number> = {
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
};

const capacity = 6;
const inputs: fc.Arbitrary<(InputLayout & { type: NumericType })[]> = fc.array(
  fc
    .record({
      name: fc.uuid(),
      type: fc.constantFrom(...(Object.keys(sizes) as NumericType[])),
      width: fc.integer({ min: 1, max: 5 }),
    })
    .map((input) => ({ ...input, rowShape: [input.width] })),
  { minLength: 1, maxLength: 4 },
);

/** Buffers whose every byte is random, and the same bytes as plain lists: input → row → bytes. */
const filled = inputs
  .chain((layout) =>
    fc.tuple(
      fc.constant(layout),
      fc.tuple(
        ...layout.map(({ type, width }) =>
          fc.array(fc.uint8Array({ minLength: sizes[type] * width, maxLength: sizes[type] * width }), {
            minLength: capacity,
            maxLength: capacity,
          }),
        ),
      ),
    ),
  )
  .map(([layout, reference]) => {
    const buffers = createRowBuffers({ inputs: layout, placements: [] }, capacity);
    reference.forEach((rows, input) => {
      const bytes = new Uint8Array((buffers.arrays[input] as NumericArray).buffer);
      rows.forEach((row, i) => {
        bytes.set(row, i * row.length);
      });
    });
    return { layout, reference, buffers };
  });

const span = fc
  .tuple(fc.nat(capacity), fc.nat(capacity))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

function rowBytes(reference: readonly Uint8Array[][], row: number): number[] {
  return reference.flatMap((rows) => [...rows[row]!]);
}

describe("row buffers", () => {
  it("copy rows as the bytes of all inputs, row after row, and keep the copy when the buffers move on", () => {
    fc.assert(
      fc.property(filled, span, ({ reference, buffers }, [from, to]) => {
        const copy = buffers.copyBytes(from, to);
        for (const array of buffers.arrays) new Uint8Array((array as NumericArray).buffer).fill(7);
        const rows = Array.from({ length: to - from }, (_, i) => rowBytes(reference, from + i));
        expect([...copy]).toEqual(rows.flat());
        expect(buffers.rowBytes).toBe(rowBytes(reference, 0).length);
      }),
    );
  });

  it("take copied rows back, and refuse what is no whole rows of theirs or too many", () => {
    fc.assert(
      fc.property(filled, span, ({ layout, reference, buffers }, [from, to]) => {
        const other = createRowBuffers({ inputs: layout, placements: [] }, capacity);
        const copy = buffers.copyBytes(from, to);
        expect(other.fill(copy)).toBe(to - from);
        expect([...other.copyBytes(0, to - from)]).toEqual(
          Array.from({ length: to - from }, (_, i) => rowBytes(reference, from + i)).flat(),
        );
        const tooMany = new Uint8Array((capacity + 1) * buffers.rowBytes);
        expect(() => other.fill(tooMany)).toThrow(/expected at most 6 rows/);
        if (buffers.rowBytes > 1) expect(() => other.fill(new Uint8Array(1))).toThrow(/got 1 bytes/);
      }),
    );
  });

  it("copy a row of other buffers of their layout, whatever room those have, and refuse another layout", () => {
    fc.assert(
      fc.property(filled, fc.nat(capacity - 1), fc.nat(2), ({ layout, reference, buffers }, row, to) => {
        const other = createRowBuffers({ inputs: layout, placements: [] }, 3);
        const before = other.copyBytes(0, 3);
        other.copyFrom(buffers, row, to);
        for (let i = 0; i < 3; i++) {
          const untouched = [...before.subarray(i * other.rowBytes, (i + 1) * other.rowBytes)];
          expect([...other.copyBytes(i, i + 1)]).toEqual(i === to ? rowBytes(reference, row) : untouched);
        }
        const wider = layout.map((input, i) => (i === 0 ? { ...input, width: input.width + 1 } : input));
        const another = createRowBuffers({ inputs: wider, placements: [] }, capacity);
        expect(() => another.copyFrom(buffers, 0, 0)).toThrow(/another layout/);
      }),
    );
  });

  it("key a row by exactly its bytes", () => {
    fc.assert(
      fc.property(filled, fc.nat(capacity - 1), ({ reference, buffers }, row) => {
        expect([...buffers.key(row)].map((char) => char.charCodeAt(0))).toEqual(rowBytes(reference, row));
      }),
    );
  });

  it("move a row over another and leave all others", () => {
    fc.assert(
      fc.property(filled, fc.nat(capacity - 1), fc.nat(capacity - 1), ({ reference, buffers }, from, to) => {
        buffers.moveRow(from, to);
        for (let row = 0; row < capacity; row++) {
          const bytes = [...buffers.copyBytes(row, row + 1)];
          expect(bytes).toEqual(rowBytes(reference, row === to ? from : row));
        }
      }),
    );
  });

  it("feed a span of rows without copying, shaped as the inputs want them", () => {
    fc.assert(
      fc.property(filled, span, ({ layout, reference, buffers }, [from, to]) => {
        const feeds = buffers.feeds(from, to);
        layout.forEach(({ name, type, width }, input) => {
          const { data, shape, type: got } = feeds[name]!;
          const view = data as Float32Array;
          expect([got, shape, view.length]).toEqual([type, [to - from, width], (to - from) * width]);
          expect(view.buffer).toBe((buffers.arrays[input] as NumericArray).buffer);
          const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
          expect([...bytes]).toEqual(reference[input]!.slice(from, to).flatMap((row) => [...row]));
        });
      }),
    );
  });

  it("hold numbers little-endian", () => {
    const layout = {
      inputs: [{ name: "x", type: "float32" as const, rowShape: [1], width: 1 }],
      placements: [],
    };
    const buffers = createRowBuffers(layout, 1);
    buffers.arrays[0]![0] = 1;
    expect([...buffers.copyBytes(0, 1)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it("key, move and feed texts as well, and refuse to copy them", () => {
    const text = { name: "t", type: "string" as const, rowShape: [2], width: 2 };
    const number = { name: "x", type: "uint8" as const, rowShape: [], width: 1 };
    const buffers = createRowBuffers({ inputs: [text, number], placements: [] }, 3);
    const [texts, numbers] = buffers.arrays as [string[], Uint8Array];
    texts.splice(0, 6, "a", "b", "a1:b", "", "é", "");
    numbers.set([1, 2, 3]);
    buffers.moveRow(2, 0);
    expect(texts).toEqual(["é", "", "a1:b", "", "é", ""]);
    expect(buffers.key(0)).toBe(buffers.key(2));
    expect(buffers.feeds(1, 3)).toEqual({
      t: { type: "string", shape: [2, 2], data: ["a1:b", "", "é", ""] },
      x: { type: "uint8", shape: [2], data: Uint8Array.of(2, 3) },
    });
    expect(buffers.rowBytes).toBe(1);
    expect(() => buffers.copyBytes(0, 1)).toThrow(/rows with text/);
    expect(() => buffers.fill(Uint8Array.of(1))).toThrow(/rows with text/);
    const copies = createRowBuffers({ inputs: [text, number], placements: [] }, 1);
    copies.copyFrom(buffers, 1, 0);
    expect(copies.arrays).toEqual([["a1:b", ""], Uint8Array.of(2)]);
  });

  it("never give two rows of texts one key", () => {
    const row = fc.array(fc.string({ maxLength: 4, unit: fc.constantFrom("0", "1", "2", ":", "a") }), {
      minLength: 3,
      maxLength: 3,
    });
    const layout = {
      inputs: [{ name: "t", type: "string" as const, rowShape: [3], width: 3 }],
      placements: [],
    };
    fc.assert(
      fc.property(row, row, (a, b) => {
        const buffers = createRowBuffers(layout, 2);
        (buffers.arrays[0] as string[]).splice(0, 6, ...a, ...b);
        expect(buffers.key(0) === buffers.key(1)).toBe(a.join("\u0000") === b.join("\u0000"));
      }),
      { numRuns: 1_000 },
    );
  });
});
