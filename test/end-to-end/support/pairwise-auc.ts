/**
 * Area under the ROC curve by its definition: of every late flight with every one on time, how often the late one is
 * scored higher, ties counting one half. O(n²), so that nothing of it is shared with the one by ranks.
 */
export function pairwiseAuc(rows: readonly { readonly late: boolean; readonly score: number }[]): number {
  const onTime = rows.filter(({ late }) => !late);
  let points = 0;
  let pairs = 0;
  for (const { score } of rows.filter(({ late }) => late)) {
    for (const other of onTime) points += score > other.score ? 1 : score === other.score ? 0.5 : 0;
    pairs += onTime.length;
  }
  return points / pairs;
}
