/** One of the three states of an alarm. */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export type Comparison =
  | "GreaterThanOrEqualToThreshold"
  | "GreaterThanThreshold"
  | "LessThanOrEqualToThreshold"
  | "LessThanThreshold";

export type MissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** A metric that an alarm reads. */
export interface AlarmMetric {
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Seconds; 10, 20, 30 or a multiple of 60. */
  readonly period: number;
  /** As {@link statisticOf} takes it. */
  readonly statistic: string;
  readonly unit: string | undefined;
}

/** One entry of an alarm's metrics: a metric, or an expression over others. */
export interface AlarmQuery {
  readonly id: string;
  readonly label: string | undefined;
  readonly metric: AlarmMetric | undefined;
  readonly expression: string | undefined;
  /** One query of each alarm has it: what is compared. */
  readonly returnData: boolean;
}

/** An alarm as a template declares it, defaults filled in. */
export interface AlarmDefinition {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  /** ARNs of topics and functions, by the state that calls for them. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
  readonly queries: readonly AlarmQuery[];
  readonly comparison: Comparison;
  readonly threshold: number;
  /** N, at least 1. */
  readonly evaluationPeriods: number;
  /** M, 1 to N. */
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
}

/** Seconds between the datapoints of an alarm: those of its metrics, which have one period. */
export function periodOf({ queries }: AlarmDefinition): number {
  return queries.find(({ metric }) => metric !== undefined)?.metric?.period ?? 60;
}

/** What an alarm compares. */
export function returnedQuery({ queries }: AlarmDefinition): AlarmQuery {
  const found = queries.find(({ returnData }) => returnData);
  if (found === undefined) throw new Error("got an alarm without a metric that returns data");
  return found;
}
