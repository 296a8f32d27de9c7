import type { OipDatatype } from "../../contract/oip.ts";
import { elementStores, maxFloat32 } from "../features/element-store.ts";
import type { ElementArray } from "../features/row-buffers.ts";
import type { NumericArray, NumericType, TensorData, TensorType } from "../inference/tensor.ts";

/** How the elements of one type are read from JSON and written to it. */
export interface ElementJson {
  readonly datatype: OipDatatype;
  /** Store a JSON value at `index`; false where the type cannot hold it as it is, and nothing is stored. */
  read(target: ElementArray, index: number, value: unknown): boolean;
  /**
   * Read many at once: store the values from `start` on at the top of `target`.
   *
   * @returns how many were stored, up to the first that `read` refuses.
   */
  readMany?(target: ElementArray, values: readonly unknown[], span: { start: number; count: number }): number;
  /** The JSON text of the element at `index`; `null` for a number that is not finite, which JSON cannot carry. */
  write(data: TensorData, index: number): string;
  /** What `read` takes, for messages. */
  readonly expects: string;
}

/** Numbers beyond 2^53 come as bigints where JSON wrote all their digits; see parseLossless. */
function floating(type: "float32" | "float64", datatype: OipDatatype): ElementJson {
  const { store, holds } = elementStores[type];
  const max = type === "float32" ? maxFloat32 : Number.MAX_VALUE;
  return {
    datatype,
    expects: holds,
    // Most elements of most requests come this way; a call per element would cost more than parsing them.
    readMany(target, values, { start, count }) {
      const numbers = target as Float32Array | Float64Array;
      for (let i = 0; i < count; i++) {
        const value = values[start + i];
        if (typeof value !== "number" || !(value >= -max && value <= max)) return i;
        numbers[i] = value;
      }
      return count;
    },
    read: (target, index, value) =>
      (typeof value === "number" || typeof value === "bigint") &&
      store(target as NumericArray, index, Number(value)),
    write(data, index) {
      const value = data[index] as number;
      if (value === 0) return Object.is(value, -0) ? "-0" : "0";
      return Number.isFinite(value) ? String(value) : "null";
    },
  };
}

function integer(
  type: Exclude<NumericType, "int64" | "uint64" | "bool">,
  datatype: OipDatatype,
): ElementJson {
  const { store, holds } = elementStores[type];
  return {
    datatype,
    expects: holds,
    read: (target, index, value) => typeof value === "number" && store(target as NumericArray, index, value),
    write: (data, index) => String(data[index]),
  };
}

/** Longest text of a 64-bit integer: a sign and 19 digits, or 20 digits; leading zeros are allowed to that length. */
const integerText = /^-?[0-9]{1,20}$/;

function wideInteger(min: bigint, max: bigint, datatype: OipDatatype): ElementJson {
  return {
    datatype,
    expects: `a whole number from ${min} to ${max}, as its digits: a JSON number or a string`,
    read(target, index, value) {
      const integer = exactInteger(value);
      if (integer === undefined || integer < min || integer > max) return false;
      (target as BigInt64Array | BigUint64Array)[index] = integer;
      return true;
    },
    write: (data, index) => String(data[index]),
  };
}

function exactInteger(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  return typeof value === "string" && integerText.test(value) ? BigInt(value) : undefined;
}

const bool: ElementJson = {
  datatype: "BOOL",
  expects: "true or false",
  read(target, index, value) {
    if (typeof value !== "boolean") return false;
    (target as Uint8Array)[index] = value ? 1 : 0;
    return true;
  },
  write: (data, index) => (data[index] === 0 ? "false" : "true"),
};

const text: ElementJson = {
  datatype: "BYTES",
  // Half a surrogate pair has no UTF-8, and the runtime would put another character in its place.
  expects: "a string of whole characters",
  read(target, index, value) {
    if (typeof value !== "string" || !value.isWellFormed()) return false;
    (target as string[])[index] = value;
    return true;
  },
  write: (data, index) => JSON.stringify(data[index]),
};

/** By ONNX Runtime's name of the type. */
export const elementJson: Readonly<Record<TensorType, ElementJson>> = {
  float32: floating("float32", "FP32"),
  float64: floating("float64", "FP64"),
  int8: integer("int8", "INT8"),
  uint8: integer("uint8", "UINT8"),
  int16: integer("int16", "INT16"),
  uint16: integer("uint16", "UINT16"),
  int32: integer("int32", "INT32"),
  uint32: integer("uint32", "UINT32"),
  int64: wideInteger(-(2n ** 63n), 2n ** 63n - 1n, "INT64"),
  uint64: wideInteger(0n, 2n ** 64n - 1n, "UINT64"),
  bool,
  string: text,
};
