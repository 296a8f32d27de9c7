/**
 * Read a percentage as a ratio: `20`, `20%` and `0.5` are 0.2, 0.2 and 0.005.
 *
 * @throws {Error} saying what is allowed.
 */
export function ratioOf(name: string, text: string): number {
  const digits = /^(\d{1,3}(?:\.\d{1,6})?)\s?%?$/.exec(text)?.[1];
  const value = digits === undefined ? Number.NaN : Number(digits);
  if (value >= 0 && value <= 100) return value / 100;
  throw new Error(`${name}: got "${text}", expected a percentage from 0 to 100, such as 20 or 0.5`);
}
