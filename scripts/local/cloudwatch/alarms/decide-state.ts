import type { AlarmDefinition, AlarmState, Comparison } from "./alarm-definition.ts";

/** Periods that CloudWatch looks at beyond the ones evaluated, for what is missing among those. */
export const extraPeriods = 2;

export type AlarmRule = Pick<
  AlarmDefinition,
  "comparison" | "threshold" | "evaluationPeriods" | "datapointsToAlarm" | "missingData"
>;

/**
 * The state that an alarm has after its newest datapoints.
 *
 * With at least N real datapoints in the range the newest N decide. With fewer, what is missing counts as the alarm
 * says, as few times as possible; where it says `missing` or `ignore`, breaching data alone alarm once their oldest
 * is M periods old.
 *
 * @param range - the newest `evaluationPeriods + extraPeriods` datapoints, the oldest first; undefined for a period
 * without one.
 * @param current - kept where the rule says so.
 * @see Amazon CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data", both tables
 */
export function decideState(
  range: readonly (number | undefined)[],
  rule: AlarmRule,
  current: AlarmState,
): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, missingData } = rule;
  const real = range.filter((value) => value !== undefined);
  const evaluated = real.slice(-evaluationPeriods);
  const breaching = evaluated.filter((value) => isBreaching(value, rule)).length;
  const missing = evaluationPeriods - evaluated.length;
  const isAlarm = breaching + (missingData === "breaching" ? missing : 0) >= datapointsToAlarm;
  if (isAlarm) return "ALARM";
  if (missing === 0 || missingData === "breaching" || missingData === "notBreaching") return "OK";
  if (breaching < evaluated.length) return "OK";
  if (missingData === "ignore") return current;
  if (evaluated.length === 0) return "INSUFFICIENT_DATA";
  const ageOfOldest = range.length - range.findIndex((value) => value !== undefined);
  return ageOfOldest >= datapointsToAlarm ? "ALARM" : current;
}

const comparisons: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

export function isBreaching(value: number, { comparison, threshold }: AlarmRule): boolean {
  return comparisons[comparison](value, threshold);
}
