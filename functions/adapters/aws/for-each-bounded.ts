/**
 * Run `task` for 0 … `count` - 1, at most `concurrency` at a time, starting them in order.
 *
 * The tasks must not throw: the first that does rejects the whole while others still run.
 */
export async function forEachBounded(
  count: number,
  concurrency: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, work));
}
