const numeral = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Whether two texts of outputs say the same: all but their numbers to the letter, and those within a tolerance.
 *
 * The last bits of a row depend on the rows beside it in the tensor and on the processor, so equality to the letter
 * would be too much to ask.
 *
 * @param tolerance - greatest difference allowed, relative to the greater number where that is above 1.
 */
export function areEqualOutputs(a: string, b: string, tolerance: number): boolean {
  if (a === b) return true;
  if (a.replace(numeral, "#") !== b.replace(numeral, "#")) return false;
  const [left, right] = [numbersOf(a), numbersOf(b)];
  return left.every((x, i) => {
    const y = right[i]!;
    return Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y));
  });
}

function numbersOf(text: string): number[] {
  return (text.match(numeral) ?? []).map(Number);
}
