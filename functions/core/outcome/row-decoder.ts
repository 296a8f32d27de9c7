import type { Example } from "../../contract/example.ts";
import { type NumericType, numericArrays } from "../inference/tensor.ts";
import type { StoredLayout } from "./stored-layout.ts";

/** Reads the stored feature rows of one version. */
export interface RowDecoder {
  /**
   * @param row - as `RowBuffers.copyBytes` made it.
   * @returns the features by name, exactly as the model got them; undefined where the row is not of this layout's size.
   */
  decode(row: Uint8Array): Example["features"] | undefined;
}

export function createRowDecoder({ inputs, features }: StoredLayout): RowDecoder {
  const starts: number[] = [];
  let rowBytes = 0;
  for (const { type, width } of inputs) {
    starts.push(rowBytes);
    rowBytes += width * bytesOf(type);
  }
  const columns = features.map(({ name, input, column, width }) => {
    const { type } = inputs[input]!;
    const elementBytes = bytesOf(type);
    return { name, width, elementBytes, at: starts[input]! + column * elementBytes, read: readers[type] };
  });
  return {
    decode(row) {
      if (row.byteLength !== rowBytes) return undefined;
      const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
      const values: Record<string, number | number[]> = {};
      for (const { name, width, elementBytes, at, read } of columns) {
        values[name] =
          width === 1
            ? read(view, at)
            : Array.from({ length: width }, (_, i) => read(view, at + i * elementBytes));
      }
      return values;
    },
  };
}

function bytesOf(type: NumericType): number {
  return new numericArrays[type](0).BYTES_PER_ELEMENT;
}

const readers: Readonly<Record<NumericType, (view: DataView, at: number) => number>> = {
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
  int8: (view, at) => view.getInt8(at),
  uint8: (view, at) => view.getUint8(at),
  int16: (view, at) => view.getInt16(at, true),
  uint16: (view, at) => view.getUint16(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  // Rows are only ever filled with whole numbers that a double holds.
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  bool: (view, at) => view.getUint8(at),
};
