import type { Ratio } from "./ratio.ts";

/** One line of the report. */
export interface Result extends Ratio {
  readonly name: string;
  /** Which direction is good. */
  readonly better: "higher" | "lower";
  /** Worst ratio allowed: a minimum where higher is better, else a maximum; null where nothing is promised. */
  readonly floor: number | null;
  /** What was measured, in absolute terms. */
  readonly detail: string;
}

export function isMissed({ ratio, floor, better }: Pick<Result, "ratio" | "floor" | "better">): boolean {
  if (floor === null) return false;
  // Written so that NaN is a miss.
  return better === "higher" ? !(ratio >= floor) : !(ratio <= floor);
}

/** The same code measured as if it were two: what differs from 1 is noise. */
export interface SelfCheck extends Ratio {
  readonly name: string;
}

/** What one part of the benchmark found. */
export interface Measured {
  readonly results: readonly Result[];
  readonly selfChecks: readonly SelfCheck[];
}

/** Beyond this a run says nothing. */
export const noiseLimits = { low: 0.95, high: 1.05 } as const;

export function isNoisy({ ratio }: Pick<SelfCheck, "ratio">): boolean {
  return !(ratio >= noiseLimits.low && ratio <= noiseLimits.high);
}
