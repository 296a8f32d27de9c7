/**
 * Area under the ROC curve: how often a positive is scored above a negative, ties counting one half.
 *
 * Exact, by ranks (Mann and Whitney's U); O(n log n).
 *
 * @param labels - 1 for a positive, anything else for a negative; as many as scores.
 * @returns 0 to 1; undefined unless both occur.
 */
export function rankedAuc(scores: Float32Array, labels: Float32Array): number | undefined {
  const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let [positives, rankSum] = [0, 0];
  for (let start = 0; start < order.length; ) {
    const score = scores[order[start]!]!;
    let [end, inTie] = [start, 0];
    for (; end < order.length && scores[order[end]!] === score; end++) if (labels[order[end]!] === 1) inTie++;
    // Equal scores share the mean of the ranks start + 1 to end.
    rankSum += (inTie * (start + 1 + end)) / 2;
    positives += inTie;
    start = end;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
