import { type AlarmDefinition, type AlarmState, periodOf, returnedQuery } from "./alarm-definition.ts";
import { timestamp } from "./alarm-event.ts";
import type { StateChange } from "./alarms.ts";

export interface Evaluation {
  readonly definition: AlarmDefinition;
  /** The oldest first. */
  readonly datapoints: readonly (number | undefined)[];
  readonly untilMs: number;
}

const comparisonTexts: Readonly<Record<AlarmDefinition["comparison"], string>> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanOrEqualToThreshold: "less than or equal to",
  LessThanThreshold: "less than",
};

/** Why an evaluation came to a state, in words and as JSON, both in the manner of CloudWatch. */
export function reasonFor(
  value: AlarmState,
  { definition, datapoints, untilMs }: Evaluation,
): Pick<StateChange, "reason" | "reasonData"> {
  const { evaluationPeriods, threshold, comparison } = definition;
  const known = datapoints.filter((each) => each !== undefined).slice(-evaluationPeriods);
  const unknown = evaluationPeriods - known.length;
  const { metric } = returnedQuery(definition);
  const reasonData = JSON.stringify({
    version: "1.0",
    queryDate: timestamp(untilMs),
    statistic: metric?.statistic,
    period: periodOf(definition),
    recentDatapoints: known,
    threshold,
  });
  if (value === "INSUFFICIENT_DATA") {
    return { reason: `Insufficient Data: ${unknown} datapoints were unknown.`, reasonData };
  }
  const missing = `${unknown} missing datapoints were treated as ${definition.missingData}`;
  if (known.length === 0)
    return { reason: `Threshold Crossed: no datapoints were received and ${missing}.`, reasonData };
  const was = value === "ALARM" ? "" : "not ";
  const reason = `Threshold Crossed: the last datapoints [${known.join(", ")}] were ${was}${comparisonTexts[comparison]} the threshold (${threshold})`;
  return { reason: `${reason}${unknown === 0 ? "" : `; ${missing}`}.`, reasonData };
}
