const digitBits = 11;
const digits = 2 ** digitBits;
const lowest = digits - 1;

/**
 * Sort numbers ascending, without NaN; -0 becomes 0.
 *
 * By radix, three digits of eleven bits: several times as fast as the built-in sort for half a million numbers (V8 13.6), which is what
 * choosing cuts takes.
 *
 * @returns a new array.
 */
export function sortFloats(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.length);
  const floats = new Float32Array(bits.buffer);
  let count = 0;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (!Number.isNaN(value)) floats[count++] = value + 0;
  }
  let from = bits.subarray(0, count);
  let to = new Uint32Array(count);
  const counts = [new Uint32Array(digits), new Uint32Array(digits), new Uint32Array(digits)] as const;
  for (let i = 0; i < count; i += 1) {
    const key = keyOf(from[i]!);
    from[i] = key;
    counts[0][key & lowest]! += 1;
    counts[1][(key >>> digitBits) & lowest]! += 1;
    counts[2][key >>> (2 * digitBits)]! += 1;
  }
  counts.forEach((ofDigit, digit) => {
    const places = startsOf(ofDigit);
    const shift = digit * digitBits;
    for (let i = 0; i < count; i += 1) {
      const key = from[i]!;
      to[places[(key >>> shift) & lowest]!++] = key;
    }
    [from, to] = [to, from];
  });
  for (let i = 0; i < count; i += 1) from[i] = bitsOf(from[i]!);
  return new Float32Array(from.buffer, 0, count);
}

/** Bits of a float as a number of the same order: negative ones are turned round. */
function keyOf(bits: number): number {
  return bits ^ ((bits >> 31) | 0x80000000);
}

function bitsOf(key: number): number {
  return key ^ ((~key >> 31) | 0x80000000);
}

function startsOf(counts: Uint32Array): Uint32Array {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum - count;
  });
}
