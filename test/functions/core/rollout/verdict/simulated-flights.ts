import { readFileSync } from "node:fs";
import { rollout } from "../../../../../functions/contract/rollout.ts";
import { blockDependence, blockMs } from "../../../../../functions/core/rollout/verdict/outcome-blocks.ts";
import { emptyPairs } from "../../../../../functions/core/rollout/verdict/pair-partial.ts";
import type { StoredPairs } from "../../../../../functions/core/rollout/verdict/pair-store.ts";
import { tConfidenceSequence } from "../../../../../functions/core/rollout/verdict/t-confidence-sequence.ts";
import {
  type Decision,
  type Verdict,
  verdictOf,
} from "../../../../../functions/core/rollout/verdict/verdict.ts";

/** How two models of real flights compared on one day: how many flights, and the sum of their differences in Brier score. */
export type Day = readonly [count: number, sum: number];

/** By pair of models; `champion` and `other` are the days up to which they had learned. */
export const comparisons: readonly {
  readonly champion: number;
  readonly other: number;
  readonly days: readonly Day[];
}[] = JSON.parse(
  readFileSync(new URL("../../../../fixtures/verdict/day-differences.json", import.meta.url), "utf8"),
);

/** The days of a comparison less its mean difference: noise as real as it comes, about nothing. */
export function centred(days: readonly Day[]): readonly Day[] {
  const mean =
    days.reduce((total, [, sum]) => total + sum, 0) / days.reduce((total, [count]) => total + count, 0);
  return days.map(([count, sum]) => [count, sum - mean * count]);
}

/** Mulberry32: numbers from 0 to 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Resampling {
  readonly days: readonly Day[];
  /** How many days to make. */
  readonly length: number;
  /** Days in a row that stay together, from anywhere in the comparison, round its end. */
  readonly runDays: number;
  /** Whether each run changes the sides of champion and other by a throw. */
  readonly isFlipped: boolean;
  readonly random: () => number;
}

/** Make a stream of days from those of a comparison. */
export function resample({ days, length, runDays, isFlipped, random }: Resampling): readonly Day[] {
  const made: Day[] = [];
  while (made.length < length) {
    const first = Math.floor(random() * days.length);
    const sign = isFlipped && random() < 0.5 ? -1 : 1;
    for (let i = 0; i < runDays && made.length < length; i++) {
      const [count, sum] = days[(first + i) % days.length]!;
      made.push([count, sign * sum]);
    }
  }
  return made;
}

const firstMs = Date.UTC(2001, 0, 1);
const rules = rollout.parse({});

/** Look at a comparison after every day. @returns the first decision that is not to hold, and the outcomes it took */
export function firstDecision(
  days: readonly Day[],
): { readonly decision: Decision; readonly count: number } | undefined {
  const blocks = days.map(([count, sum]) => ({ count, sum }));
  for (let seen = 1; seen <= days.length; seen++) {
    const { low, high } = tConfidenceSequence(blocks.slice(0, seen), {
      alpha: rules.alpha,
      dependence: blockDependence,
    });
    if (low <= 0 && high >= 0) continue;
    const { decision, count } = judge(days.slice(0, seen));
    if (decision === "hold") throw new Error(`held after ${seen} days between ${low} and ${high}`);
    return { decision, count };
  }
  return undefined;
}

function judge(days: readonly Day[]): Verdict {
  const pairs = days.map(
    ([count, differenceSum], day): StoredPairs => ({
      hour: new Date(firstMs + day * blockMs).toISOString().slice(0, 13),
      ...{ champion: "a", other: "b", role: "challenger", segment: undefined },
      partial: { ...emptyPairs(), count, differenceSum },
    }),
  );
  return verdictOf({
    ...{ pairs, segments: {}, rules, guard: undefined, hasLogLoss: true },
    closedMs: firstMs + days.length * blockMs,
  });
}
