import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRowBuffers } from "../../../../functions/core/features/row-buffers.ts";
import type { InputLayout, NumericType } from "../../../../functions/core/features/row-layout.ts";

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
  bool: 1,
};

const capacity = 6;
const inputs: fc.Arbitrary<InputLayout[]> = fc.array(
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
      const bytes = new Uint8Array(buffers.arrays[input]!.buffer);
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
        for (const array of buffers.arrays) new Uint8Array(array.buffer).fill(7);
        const rows = Array.from({ length: to - from }, (_, i) => rowBytes(reference, from + i));
        expect([...copy]).toEqual(rows.flat());
        expect(buffers.rowBytes).toBe(rowBytes(reference, 0).length);
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
          expect(view.buffer).toBe(buffers.arrays[input]!.buffer);
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
});
