import type { NumericArray, NumericType } from "../inference/tensor.ts";

/** How one element type takes a number. */
export interface ElementStore {
  /** Store `value` at `index`; false where the type cannot hold it, and nothing is stored. */
  store(target: NumericArray, index: number, value: number): boolean;
  /** What the type holds, for messages. */
  readonly holds: string;
}

/** Greatest finite value of a 32-bit float. */
export const maxFloat32 = 3.4028234663852886e38;

function floating(max: number, holds: string): ElementStore {
  return {
    holds,
    store(target, index, value) {
      // Written so that NaN fails too.
      if (!(Math.abs(value) <= max)) return false;
      target[index] = value;
      return true;
    },
  };
}

function integer(min: number, max: number): ElementStore {
  return {
    holds: `a whole number from ${min} to ${max}`,
    store(target, index, value) {
      if (!Number.isInteger(value) || value < min || value > max) return false;
      target[index] = value;
      return true;
    },
  };
}

const int64: ElementStore = {
  holds: `a whole number within ±${Number.MAX_SAFE_INTEGER}`,
  store(target, index, value) {
    if (!Number.isSafeInteger(value)) return false;
    (target as BigInt64Array)[index] = BigInt(value);
    return true;
  },
};

const uint64: ElementStore = {
  holds: `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`,
  store(target, index, value) {
    if (!Number.isSafeInteger(value) || value < 0) return false;
    (target as BigUint64Array)[index] = BigInt(value);
    return true;
  },
};

/** One store per type of number that an input may have. */
export const elementStores: Readonly<Record<NumericType, ElementStore>> = {
  float32: floating(maxFloat32, `a number within ±${maxFloat32}`),
  float64: floating(Number.MAX_VALUE, "a finite number"),
  int8: integer(-128, 127),
  uint8: integer(0, 255),
  int16: integer(-32_768, 32_767),
  uint16: integer(0, 65_535),
  int32: integer(-2_147_483_648, 2_147_483_647),
  uint32: integer(0, 4_294_967_295),
  int64,
  uint64,
  bool: integer(0, 1),
};
