export interface Latencies {
  /** Microseconds of a pass, at the median. */
  readonly championUs: number;
  readonly challengerUs: number;
}

/** Passes of each: as many as give a steady median, and no more than a slow model leaves time for. */
const [fewestPasses, leastPasses, mostPasses] = [3, 15, 201];
const enoughMs = 500;
const mostMs = 30_000;
const warmPasses = 2;

/**
 * Time two runs against each other: after both were warmed up they take turns, and who begins takes turns as well, so that
 * what else the machine does in between strikes both alike. Medians leave out what struck one.
 *
 * @param nowMs - a clock in milliseconds, with fractions.
 * @throws whatever a run throws.
 */
export async function measureLatency(
  { champion, challenger }: Readonly<Record<"champion" | "challenger", () => Promise<void>>>,
  nowMs: () => number,
): Promise<Latencies> {
  for (let pass = 0; pass < warmPasses; pass++) for (const run of [champion, challenger]) await run();
  const ofChampion: number[] = [];
  const ofChallenger: number[] = [];
  const turn = [
    { run: champion, spent: ofChampion },
    { run: challenger, spent: ofChallenger },
  ];
  const startedMs = nowMs();
  for (let passes = 0; goesOn(passes, nowMs() - startedMs); passes++) {
    for (const { run, spent } of turn) {
      const beganMs = nowMs();
      await run();
      spent.push(nowMs() - beganMs);
    }
    turn.reverse();
  }
  return { championUs: median(ofChampion) * 1000, challengerUs: median(ofChallenger) * 1000 };
}

function goesOn(passes: number, spentMs: number): boolean {
  if (passes < fewestPasses) return true;
  if (passes >= mostPasses || spentMs >= mostMs) return false;
  return passes < leastPasses || spentMs < enoughMs;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
