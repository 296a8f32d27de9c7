/** A ratio measured many times: its median and its quartiles. */
export interface Ratio {
  readonly ratio: number;
  /** First quartile. */
  readonly low: number;
  /** Third quartile. */
  readonly high: number;
}

/** The ratios of two lists, pair by pair, summed up. A pair was measured side by side, so what disturbed one disturbed both. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): Ratio {
  const ratios = numerators.map((numerator, i) => numerator / denominators[i]!);
  return { ratio: quantile(ratios, 0.5), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}

/** A quantile with linear interpolation between neighbours (type 7 of Hyndman and Fan, 1996); NaN without values. */
export function quantile(values: readonly number[], at: number): number {
  const sorted = Float64Array.from(values).sort();
  const position = (sorted.length - 1) * at;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
