/**
 * The value that a variable with Student's t distribution exceeds with probability `tail`.
 *
 * @param degreesOfFreedom - a whole number from 1.
 * @param tail - above 0, at most 0.5.
 * @see scipy.stats.t.isf; the tail is Abramowitz and Stegun 26.7.3 and 26.7.4, finite sums for whole degrees of freedom
 */
export function studentQuantile(degreesOfFreedom: number, tail: number): number {
  let [low, high] = [0, 1];
  while (studentTail(degreesOfFreedom, high) > tail) [low, high] = [high, high * 2];
  // Until no number lies between.
  for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (studentTail(degreesOfFreedom, middle) > tail) low = middle;
    else high = middle;
  }
  return high;
}

/** @param t - at least 0. */
function studentTail(degreesOfFreedom: number, t: number): number {
  const root = Math.sqrt(degreesOfFreedom);
  // The angle that is missing to a right one: what is small keeps its digits.
  const rest = Math.atan2(root, t);
  const [sine, cosine] = [Math.cos(rest), Math.sin(rest)];
  const isOdd = degreesOfFreedom % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = 0;
  for (let i = isOdd ? 3 : 2; i <= degreesOfFreedom; i += 2) {
    sum += term;
    term *= (cosine * cosine * (i - 1)) / i;
  }
  const within = isOdd ? 1 - (2 / Math.PI) * (rest - sine * sum) : sine * sum;
  return (1 - within) / 2;
}
