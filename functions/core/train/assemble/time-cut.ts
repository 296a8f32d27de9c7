/** Rows by label. */
export type LabelCounts = ReadonlyMap<number, number>;

/** Rows by the hour of their event, and by label. */
export interface HourCounts {
  add(timeMs: number, label: number): void;
  readonly total: number;
  /** Rows of events from `fromMs` on and before `untilMs`, which lie between hours. */
  labelsBetween(fromMs: number, untilMs: number): LabelCounts;
  /**
   * Choose the rows: the newest `most` of those at most `overMs` older than the newest, the newest share of them held out.
   *
   * Cuts lie between hours, since rows of one hour say much about each other; the holdout is never all there is.
   *
   * @returns undefined where nothing was counted.
   */
  cut(options: CutOptions): TimeCut | undefined;
}

export interface CutOptions {
  readonly overMs: number;
  readonly most: number;
  /** Above 0, at most 0.5. */
  readonly holdout: number;
}

export interface TimeCut {
  /** First instant of the rows to train on, of those held out, and behind them all, epoch milliseconds. */
  readonly fromMs: number;
  readonly holdoutMs: number;
  readonly endMs: number;
}

const hourMs = 3_600_000;

export function countHours(): HourCounts {
  const counts = new Map<number, Map<number, number>>();
  let total = 0;
  return {
    get total() {
      return total;
    },
    add(timeMs, label) {
      const hour = Math.floor(timeMs / hourMs);
      const labels = counts.get(hour) ?? new Map<number, number>();
      labels.set(label, (labels.get(label) ?? 0) + 1);
      counts.set(hour, labels);
      total++;
    },
    labelsBetween(fromMs, untilMs) {
      const sums = new Map<number, number>();
      for (const [hour, labels] of counts) {
        if (hour * hourMs < fromMs || hour * hourMs >= untilMs) continue;
        for (const [label, rows] of labels) sums.set(label, (sums.get(label) ?? 0) + rows);
      }
      return sums;
    },
    cut,
  };

  function rowsOf(hour: number): number {
    return rowCount(counts.get(hour)!);
  }

  function cut({ overMs, most, holdout }: CutOptions): TimeCut | undefined {
    const hours = [...counts.keys()].sort((a, b) => b - a);
    const [newest] = hours;
    if (newest === undefined) return undefined;
    const kept: number[] = [];
    let rows = 0;
    for (const hour of hours) {
      if ((newest - hour) * hourMs >= overMs) break;
      if (kept.length > 0 && rows + rowsOf(hour) > most) break;
      kept.push(hour);
      rows += rowsOf(hour);
    }
    let held = 0;
    let holdoutHour = newest;
    for (const hour of kept.slice(0, -1)) {
      if (held >= holdout * rows) break;
      holdoutHour = hour;
      held += rowsOf(hour);
    }
    // All in one hour: there is nothing older to train on.
    if (kept.length === 1) holdoutHour = newest + 1;
    return {
      fromMs: kept.at(-1)! * hourMs,
      holdoutMs: holdoutHour * hourMs,
      endMs: (newest + 1) * hourMs,
    };
  }
}

/** How many rows there are of all labels. */
export function rowCount(labels: LabelCounts): number {
  let sum = 0;
  for (const rows of labels.values()) sum += rows;
  return sum;
}
