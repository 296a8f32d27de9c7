/**
 * Regularised upper incomplete gamma function `Q(a, x)`: 1 at `x = 0`, falling to 0.
 *
 * Below `a + 1` the series of the lower function, above it Legendre's continued fraction by Lentz's method.
 *
 * @param a - above 0.
 * @param x - at least 0.
 * @returns from 0 to 1, to about 1e-12 for `a` up to 10,000.
 * @see NIST Digital Library of Mathematical Functions, 8.7.1 and 8.9.2; scipy.special.gammaincc
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Infinity) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * lowerSeries(a, x) : scale * upperFraction(a, x);
}

const precision = 1e-16;

/** Γ(a) · γ*(a, x) without its factor: the sum over n of xⁿ / (a (a+1) … (a+n)). */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; term > sum * precision; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  // It converges within some multiples of the root of a; what rounding keeps from settling is settled by then.
  const most = 1000 + 20 * Math.sqrt(a);
  for (let i = 1; i <= most; i++) {
    const numerator = -i * (i - a);
    b += 2;
    d = numerator * d + b;
    if (Math.abs(d) < tiny) d = tiny;
    c = b + numerator / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 2 * Number.EPSILON) break;
  }
  return value;
}

/** Bernoulli numbers over 2k(2k−1), of Stirling's series (DLMF 5.11.1). */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** ln Γ(a) for a above 0: Stirling's series from 15 on, to where the recurrence brings what is below. */
function logGamma(a: number): number {
  let product = 1;
  let z = a;
  for (; z < 15; z++) product *= z;
  let series = 0;
  let power = 1 / z;
  for (const coefficient of stirling) {
    series += coefficient * power;
    power /= z * z;
  }
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}
