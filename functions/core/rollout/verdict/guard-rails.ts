import type { RolloutRules } from "../../../contract/rollout.ts";

/** How a version fared with what it was asked, over the same events as another. */
export interface ServingCounts {
  /** Rows that it was to score. */
  readonly asked: number;
  /** Rows of those that it took: features that it can take, and a run that was made. */
  readonly rows: number;
  /** Rows of those that its run failed on. */
  readonly failed: number;
  /** What its runs took in all, milliseconds. */
  readonly runMs: number;
}

/** A bound that a version is held to, whatever it scores. */
export interface GuardRail {
  readonly name: "latency" | "errors" | "rejects";
  /** A multiple of the champion's time per row, or a share of the rows; undefined where nothing was measured. */
  readonly got: number | undefined;
  readonly allowed: number;
  readonly isBroken: boolean;
}

/** Rows below which a rail says nothing: one bad row, or the first run of a session, is not a bad model. */
const minRows = 100;

/** Hold a version to the rules of its model. @param counts - undefined where nobody counted. */
export function guardRails(
  rules: RolloutRules,
  counts: { readonly champion: ServingCounts; readonly other: ServingCounts } | undefined,
): readonly GuardRail[] {
  const { champion, other } = counts ?? { champion: none, other: none };
  const latency = ratio(ratio(other.runMs, other.rows), ratio(champion.runMs, champion.rows));
  const isEnough = Math.min(champion.rows, other.asked) >= minRows;
  const rail = (name: GuardRail["name"], got: number | undefined, allowed: number): GuardRail => ({
    ...{ name, got, allowed },
    isBroken: isEnough && got !== undefined && got > allowed,
  });
  return [
    rail("latency", latency, rules.maxLatencyRatio),
    rail("errors", ratio(other.failed, other.rows), rules.maxErrorRatio),
    rail("rejects", ratio(other.asked - other.rows, other.asked), rules.maxRejectRatio),
  ];
}

const none: ServingCounts = { asked: 0, rows: 0, failed: 0, runMs: 0 };

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}
