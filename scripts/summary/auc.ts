export interface Scored {
  /** Greater means more likely late; any finite number. */
  readonly score: number;
  readonly late: boolean;
}

/**
 * Area under the ROC curve: how often a late flight is scored above an on-time one, ties counting one half.
 *
 * Exact, by ranks (Mann–Whitney U); O(n log n).
 *
 * @returns 0 to 1; `undefined` unless both classes occur.
 */
export function auc(rows: readonly Scored[]): number | undefined {
  const sorted = rows.toSorted((a, b) => a.score - b.score);
  let lateCount = 0;
  let lateRankSum = 0;
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    let lateInTie = 0;
    for (; end < sorted.length && sorted[end]!.score === sorted[start]!.score; end += 1) {
      if (sorted[end]!.late) lateInTie += 1;
    }
    // Equal scores share the mean of the ranks start + 1 … end.
    lateRankSum += (lateInTie * (start + 1 + end)) / 2;
    lateCount += lateInTie;
    start = end;
  }
  const onTimeCount = rows.length - lateCount;
  if (lateCount === 0 || onTimeCount === 0) return undefined;
  return (lateRankSum - (lateCount * (lateCount + 1)) / 2) / (lateCount * onTimeCount);
}
