import { localAccount, localRegion } from "../../service.ts";
import { type AlarmQuery, returnedQuery } from "./alarm-definition.ts";
import type { Alarm, StateChange } from "./alarms.ts";

/**
 * What CloudWatch sends to a function that is an alarm's action.
 *
 * @see Amazon CloudWatch user guide, "Invoke a Lambda function from an alarm"
 */
export function functionEvent({ definition, state }: Alarm, previous: StateChange): object {
  return {
    source: "aws.cloudwatch",
    alarmArn: definition.arn,
    accountId: localAccount,
    time: timestamp(state.atMs),
    region: localRegion,
    alarmData: {
      alarmName: definition.name,
      state: describe(state),
      previousState: describe(previous),
      configuration: {
        ...(definition.description !== undefined && { description: definition.description }),
        metrics: definition.queries.map(describeQuery),
      },
    },
  };
}

/** What CloudWatch publishes on a topic that is an alarm's action: subject and message. */
export function topicMessage(
  { definition, state }: Alarm,
  previous: StateChange,
): { readonly subject: string; readonly message: string } {
  const { metric } = returnedQuery(definition);
  const message = {
    AlarmName: definition.name,
    AlarmDescription: definition.description ?? null,
    AWSAccountId: localAccount,
    AlarmConfigurationUpdatedTimestamp: null,
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: timestamp(state.atMs),
    Region: "US East (N. Virginia)",
    AlarmArn: definition.arn,
    OldStateValue: previous.value,
    OKActions: definition.actions.OK,
    AlarmActions: definition.actions.ALARM,
    InsufficientDataActions: definition.actions.INSUFFICIENT_DATA,
    Trigger: {
      ...(metric === undefined
        ? { Metrics: definition.queries.map(triggerQuery) }
        : {
            MetricName: metric.metric,
            Namespace: metric.namespace,
            Statistic: metric.statistic,
            Unit: metric.unit ?? null,
            Dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ name, value })),
            Period: metric.period,
          }),
      EvaluationPeriods: definition.evaluationPeriods,
      DatapointsToAlarm: definition.datapointsToAlarm,
      ComparisonOperator: definition.comparison,
      Threshold: definition.threshold,
      TreatMissingData: definition.missingData,
    },
  };
  // SNS takes subjects up to 100 characters.
  const subject = `${state.value}: "${definition.name}" in US East (N. Virginia)`.slice(0, 100);
  return { subject, message: JSON.stringify(message) };
}

function describe({ value, reason, reasonData, atMs }: StateChange): object {
  return { value, reason, ...(reasonData !== undefined && { reasonData }), timestamp: timestamp(atMs) };
}

function describeQuery({ id, label, metric, expression, returnData }: AlarmQuery): object {
  return {
    id,
    ...(label !== undefined && { label }),
    ...(expression !== undefined && { expression }),
    ...(metric !== undefined && {
      metricStat: {
        metric: { namespace: metric.namespace, name: metric.metric, dimensions: metric.dimensions },
        period: metric.period,
        stat: metric.statistic,
        ...(metric.unit !== undefined && { unit: metric.unit }),
      },
    }),
    returnData,
  };
}

function triggerQuery({ id, label, metric, expression, returnData }: AlarmQuery): object {
  return {
    Id: id,
    Label: label,
    Expression: expression,
    ...(metric !== undefined && {
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metric,
          Dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ name, value })),
        },
        Period: metric.period,
        Stat: metric.statistic,
      },
    }),
    ReturnData: returnData,
  };
}

/** CloudWatch writes UTC as an offset: `2026-01-01T12:00:00.000+0000`. */
export function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace("Z", "+0000");
}
