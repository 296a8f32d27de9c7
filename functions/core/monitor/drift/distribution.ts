/** How much stands at which value: counts of a histogram, or shares. */
export interface Distribution {
  /** Ascending, each once. */
  readonly values: ArrayLike<number>;
  /** One per value, at least 0, in whatever unit. */
  readonly weights: ArrayLike<number>;
}

export function totalWeight({ weights }: Distribution): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i]!;
  return total;
}

/**
 * Walk the values of two distributions together, ascending.
 *
 * @param visit - gets each value that either has, and the weight that each has there; 0 where it has none.
 */
export function walkTogether(
  one: Distribution,
  other: Distribution,
  visit: (value: number, weight: number, otherWeight: number) => void,
): void {
  let [i, j] = [0, 0];
  while (i < one.values.length || j < other.values.length) {
    const [a, b] = [one.values[i] ?? Infinity, other.values[j] ?? Infinity];
    visit(Math.min(a, b), a <= b ? one.weights[i]! : 0, b <= a ? other.weights[j]! : 0);
    if (a <= b) i++;
    if (b <= a) j++;
  }
}

/** Walk the shares of two distributions, each of which holds weight, together. @see walkTogether */
export function walkShares(
  one: Distribution,
  other: Distribution,
  visit: (value: number, share: number, otherShare: number) => void,
): void {
  const [total, otherTotal] = [totalWeight(one), totalWeight(other)];
  walkTogether(one, other, (value, weight, otherWeight) => {
    visit(value, weight / total, otherWeight / otherTotal);
  });
}
