import { InvariantError } from "../errors.ts";
import { type NumericArray, numericArrays, type Tensor } from "../inference/tensor.ts";
import type { RowLayout } from "./row-layout.ts";

export type ElementArray = NumericArray | string[];

/** Room for the encoded rows of one chunk, one array per model input; reused from chunk to chunk. */
export interface RowBuffers {
  readonly capacity: number;
  /** One per input of the layout, `capacity × width` elements, row-major. */
  readonly arrays: readonly ElementArray[];
  /**
   * 1 where a default stands in for what an event or its window has not, by row and feature: `capacity × features`
   * elements. Whoever encodes a row writes those of features that can be missing; `moveRow` leaves them.
   */
  readonly missing: Uint8Array;
  /** Bytes of one encoded row, over all inputs; text, which has no fixed width, counts nothing. */
  readonly rowBytes: number;
  /** What caches are keyed by: the exact bytes of a row, one character per byte, and its texts behind their lengths. */
  key(row: number): string;
  /**
   * A copy of the bytes of the rows `from` (inclusive) to `to`, row after row, little-endian.
   *
   * @throws {InvariantError} where an input is text.
   */
  copyBytes(from: number, to: number): Uint8Array;
  /**
   * Write rows that `copyBytes` of the same layout gave, as the rows from 0 on.
   *
   * @returns how many there are.
   * @throws {InvariantError} where an input is text, or where the bytes are not whole rows that have room.
   */
  fill(rows: Uint8Array): number;
  /**
   * Copy row `row` of other buffers, whose inputs have these types and widths in this order, to row `to`.
   *
   * @throws {InvariantError} where the layouts differ.
   */
  copyFrom(source: RowBuffers, row: number, to: number): void;
  /** Move a row's values to another place. */
  moveRow(from: number, to: number): void;
  /** The feeds for the rows `from` (inclusive) to `to`; numbers are not copied. */
  feeds(from: number, to: number): Readonly<Record<string, Tensor>>;
}

/** @param capacity - rows of one chunk. */
export function createRowBuffers(layout: RowLayout, capacity: number): RowBuffers {
  const { inputs } = layout;
  const featureCount = layout.placements.length;
  const arrays = inputs.map(
    ({ type, width }): ElementArray =>
      type === "string"
        ? new Array<string>(width * capacity).fill("")
        : new numericArrays[type](width * capacity),
  );
  const bytes = arrays.map((array) => (Array.isArray(array) ? undefined : Buffer.from(array.buffer)));
  const strides = bytes.map((buffer) => (buffer === undefined ? 0 : buffer.byteLength / capacity));
  const rowBytes = strides.reduce((sum, stride) => sum + stride, 0);
  const missing = new Uint8Array(featureCount * capacity);
  const alike = new WeakSet<RowBuffers>();
  return { capacity, arrays, missing, rowBytes, key, copyBytes, fill, copyFrom, moveRow, feeds };

  function key(row: number): string {
    let text = "";
    for (let i = 0; i < bytes.length; i++) {
      const buffer = bytes[i];
      text +=
        buffer === undefined
          ? textKey(arrays[i] as string[], row, inputs[i]!.width)
          : buffer.toString("latin1", row * strides[i]!, (row + 1) * strides[i]!);
    }
    return text;
  }

  function copyBytes(from: number, to: number): Uint8Array {
    const buffers = numericBytes();
    if (buffers.length === 1) {
      return new Uint8Array(buffers[0]!.subarray(from * strides[0]!, to * strides[0]!));
    }
    const copy = Buffer.allocUnsafe((to - from) * rowBytes);
    for (let row = from, at = 0; row < to; row++) {
      for (let i = 0; i < buffers.length; i++) {
        at += buffers[i]!.copy(copy, at, row * strides[i]!, (row + 1) * strides[i]!);
      }
    }
    return copy;
  }

  function fill(rows: Uint8Array): number {
    const buffers = numericBytes();
    const count = rows.byteLength / rowBytes;
    if (!Number.isInteger(count) || count > capacity) {
      throw new InvariantError(
        `row buffers: got ${rows.byteLength} bytes, expected at most ${capacity} rows of ${rowBytes}; pass rows of this layout`,
      );
    }
    for (let row = 0, at = 0; row < count; row++) {
      for (let i = 0; i < buffers.length; i++) {
        buffers[i]!.set(rows.subarray(at, at + strides[i]!), row * strides[i]!);
        at += strides[i]!;
      }
    }
    missing.fill(0, 0, count * featureCount);
    return count;
  }

  function numericBytes(): Buffer[] {
    if (!bytes.includes(undefined)) return bytes as Buffer[];
    throw new InvariantError(
      "row buffers: got rows with text, expected numbers only; copy no rows of this layout",
    );
  }

  function copyFrom(source: RowBuffers, row: number, to: number): void {
    if (!alike.has(source)) checkAlike(source);
    for (let i = 0; i < arrays.length; i++) {
      const width = inputs[i]!.width;
      const [from, target] = [source.arrays[i]!, arrays[i]!];
      for (let j = 0; j < width; j++) target[to * width + j] = from[row * width + j]!;
    }
    const from = source.missing.subarray(row * featureCount, (row + 1) * featureCount);
    if (source.missing.length === featureCount * source.capacity) missing.set(from, to * featureCount);
  }

  function checkAlike(source: RowBuffers): void {
    const isAlike =
      source.arrays.length === arrays.length &&
      arrays.every(
        (array, i) =>
          source.arrays[i]!.constructor === array.constructor &&
          source.arrays[i]!.length === inputs[i]!.width * source.capacity,
      );
    if (!isAlike) {
      throw new InvariantError(
        "row buffers: got rows of another layout, expected inputs of the same types and widths; encode the events anew",
      );
    }
    alike.add(source);
  }

  function moveRow(from: number, to: number): void {
    for (let i = 0; i < arrays.length; i++) {
      const width = inputs[i]!.width;
      arrays[i]!.copyWithin(to * width, from * width, (from + 1) * width);
    }
  }

  function feeds(from: number, to: number): Readonly<Record<string, Tensor>> {
    const tensors: Record<string, Tensor> = {};
    for (let i = 0; i < arrays.length; i++) {
      const { name, type, width, rowShape } = inputs[i]!;
      const array = arrays[i]!;
      tensors[name] = {
        type,
        shape: [to - from, ...rowShape],
        data: Array.isArray(array)
          ? array.slice(from * width, to * width)
          : array.subarray(from * width, to * width),
      };
    }
    return tensors;
  }
}

/** Lengths go first, so that no two rows of texts have one key. */
function textKey(texts: readonly string[], row: number, width: number): string {
  let key = "";
  for (let i = row * width; i < (row + 1) * width; i++) key += `${texts[i]!.length}:${texts[i]}`;
  return key;
}
