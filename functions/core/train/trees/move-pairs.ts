import type { RowRange } from "./add-rows.ts";

export interface MoveParts {
  /** By bin: 1 where it goes left. */
  readonly goesLeft: Uint8Array;
  /** As long as all rows. */
  readonly scratch: { readonly rows: Uint32Array; readonly pairs: Float32Array };
}

/**
 * Bring the rows of a range that go left to its front, with their derivatives; both sides keep their order.
 *
 * @param bins - of the column that is tested.
 * @returns where the right side begins.
 */
export function movePairs({ rows, pairs, from, to }: RowRange, bins: Uint8Array, parts: MoveParts): number {
  const { goesLeft, scratch } = parts;
  const { rows: rightRows, pairs: rightPairs } = scratch;
  let left = from;
  let right = 0;
  // Each row is written to both sides and counted on its own: cheaper than a branch that cannot be predicted.
  for (let i = from; i < to; i += 1) {
    const row = rows[i]!;
    const gradient = pairs[2 * i]!;
    const curvature = pairs[2 * i + 1]!;
    const isLeft = goesLeft[bins[row]!]!;
    rows[left] = row;
    pairs[2 * left] = gradient;
    pairs[2 * left + 1] = curvature;
    rightRows[right] = row;
    rightPairs[2 * right] = gradient;
    rightPairs[2 * right + 1] = curvature;
    left += isLeft;
    right += 1 - isLeft;
  }
  rows.set(rightRows.subarray(0, right), left);
  pairs.set(rightPairs.subarray(0, 2 * right), 2 * left);
  return left;
}
