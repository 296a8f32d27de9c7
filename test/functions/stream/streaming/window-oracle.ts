/** A view as the oracle knows it. */
export interface OracleView {
  readonly keys: readonly string[];
  readonly tileMs: number;
}

export interface OracleFeature {
  readonly name: string;
  readonly view: string;
  readonly keys: readonly string[];
  readonly agg: "count" | "sum" | "mean" | "min" | "max" | "std" | "rate" | "last" | "secondsSinceLast";
  readonly overMs: number;
  readonly default: number;
}

interface Fact {
  readonly tile: number;
  readonly atMs: number;
  readonly value: number;
}

export type PlainEvent = Readonly<Record<string, unknown>>;

/**
 * Windows, computed the plain and slow way: every fact is kept, and every question walks back over the facts of its key.
 * They must be fed in the order of their time.
 *
 * A window of length W at t covers the tiles that start after t - W up to the tile that holds t. A hit is a value above 15.
 */
export function createWindowOracle(
  views: Readonly<Record<string, OracleView>>,
  features: readonly OracleFeature[],
) {
  const facts = new Map<string, Fact[]>();
  return { feed, ask, facts };

  function feed(event: PlainEvent, atMs: number, value: number): void {
    for (const [name, { keys, tileMs }] of Object.entries(views)) {
      const list = facts.get(keyOf(name, keys, event)) ?? [];
      list.push({ tile: Math.floor(atMs / tileMs) * tileMs, atMs, value });
      facts.set(keyOf(name, keys, event), list);
    }
  }

  function ask(event: PlainEvent, atMs: number): number[] {
    return features.map(({ view, keys, agg, overMs, default: fallback }) => {
      const { tileMs } = views[view]!;
      const last = Math.floor(atMs / tileMs) * tileMs;
      const list = facts.get(keyOf(view, keys, event)) ?? [];
      let from = list.length;
      while (from > 0 && list[from - 1]!.tile > atMs - overMs) from--;
      const within = list.slice(from).filter(({ tile }) => tile <= last);
      return within.length === 0 ? fallback : aggregate(agg, within, atMs);
    });
  }
}

/** The key of a view, told from all others. */
export function keyOf(view: string, keys: readonly string[], event: PlainEvent): string {
  return [view, ...keys.map((path) => event[path])].join("|");
}

function aggregate(agg: OracleFeature["agg"], facts: readonly Fact[], atMs: number): number {
  const values = facts.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  const mean = sum / values.length;
  const newest = facts.reduce((best, fact) => (fact.atMs >= best.atMs ? fact : best));
  switch (agg) {
    case "count":
      return values.length;
    case "sum":
      return sum;
    case "mean":
      return mean;
    case "min":
      return values.reduce((least, value) => Math.min(least, value));
    case "max":
      return values.reduce((greatest, value) => Math.max(greatest, value));
    case "std":
      return Math.sqrt(values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length);
    case "rate":
      return values.filter((value) => value > 15).length / values.length;
    case "last":
      return newest.value;
    case "secondsSinceLast":
      return Math.max(0, (atMs - newest.atMs) / 1000);
  }
}
