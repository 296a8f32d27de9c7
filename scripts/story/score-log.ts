/** What was said of flights and what came true, in about the order of their time. */
export interface ScoredRows {
  /** Of the events, epoch milliseconds. */
  readonly timesMs: Float64Array;
  /** 1 for late. */
  readonly labels: Float32Array;
  /** What was answered. */
  readonly living: Float32Array;
  /** What the first champion says of the same rows. */
  readonly frozen: Float32Array;
}

export function concatRows(parts: readonly ScoredRows[]): ScoredRows {
  const count = parts.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
  const timesMs = new Float64Array(count);
  const [labels, living, frozen] = [
    new Float32Array(count),
    new Float32Array(count),
    new Float32Array(count),
  ];
  let at = 0;
  for (const part of parts) {
    timesMs.set(part.timesMs, at);
    labels.set(part.labels, at);
    living.set(part.living, at);
    frozen.set(part.frozen, at);
    at += part.timesMs.length;
  }
  return { timesMs, labels, living, frozen };
}
