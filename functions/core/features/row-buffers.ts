import type { Tensor } from "../inference/tensor.ts";
import type { NumericType, RowLayout } from "./row-layout.ts";

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array;

/** Room for the encoded rows of one chunk, one typed array per model input; reused from chunk to chunk. */
export interface RowBuffers {
  readonly capacity: number;
  /** One per input of the layout, `capacity × width` elements, row-major. */
  readonly arrays: readonly NumericArray[];
  /** Bytes of one encoded row, over all inputs. */
  readonly rowBytes: number;
  /** The exact bytes of a row as a string of one character per byte: what caches are keyed by. */
  key(row: number): string;
  /** A copy of the bytes of the rows `from` (inclusive) to `to`, row after row, little-endian. */
  copyBytes(from: number, to: number): Uint8Array;
  /** Move a row's values to another place. */
  moveRow(from: number, to: number): void;
  /** The feeds for the rows `from` (inclusive) to `to`, without copying. */
  feeds(from: number, to: number): Readonly<Record<string, Tensor>>;
}

/** @param capacity - rows of one chunk. */
export function createRowBuffers(layout: RowLayout, capacity: number): RowBuffers {
  const { inputs } = layout;
  const arrays = inputs.map(({ type, width }) => new arrayTypes[type](width * capacity));
  const bytes = arrays.map((array) => Buffer.from(array.buffer));
  const strides = arrays.map((array) => array.byteLength / capacity);
  const rowBytes = strides.reduce((sum, stride) => sum + stride, 0);
  return { capacity, arrays, rowBytes, key, copyBytes, moveRow, feeds };

  function key(row: number): string {
    let text = "";
    for (let i = 0; i < bytes.length; i++) {
      text += bytes[i]!.toString("latin1", row * strides[i]!, (row + 1) * strides[i]!);
    }
    return text;
  }

  function copyBytes(from: number, to: number): Uint8Array {
    if (bytes.length === 1) return new Uint8Array(bytes[0]!.subarray(from * strides[0]!, to * strides[0]!));
    const copy = Buffer.allocUnsafe((to - from) * rowBytes);
    for (let row = from, at = 0; row < to; row++) {
      for (let i = 0; i < bytes.length; i++) {
        at += bytes[i]!.copy(copy, at, row * strides[i]!, (row + 1) * strides[i]!);
      }
    }
    return copy;
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
      tensors[name] = {
        type,
        shape: [to - from, ...rowShape],
        data: arrays[i]!.subarray(from * width, to * width),
      };
    }
    return tensors;
  }
}

const arrayTypes: Record<NumericType, new (length: number) => NumericArray> = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};
