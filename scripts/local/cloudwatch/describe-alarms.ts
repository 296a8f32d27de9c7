import { type AlarmQuery, returnedQuery } from "./alarms/alarm-definition.ts";
import type { Alarm } from "./alarms/alarms.ts";
import type { DescribeAlarmsInput } from "./inputs.ts";

/** The alarms that stacks declare, with their states. There is never a next page, nor a composite alarm. */
export function describeAlarms(input: DescribeAlarmsInput, alarms: readonly Alarm[]): object {
  const found = alarms.filter(
    ({ definition: { name }, state }) =>
      (input.AlarmNames?.includes(name) ?? true) &&
      name.startsWith(input.AlarmNamePrefix ?? "") &&
      (input.StateValue ?? state.value) === state.value,
  );
  return { MetricAlarms: found.map(describe), CompositeAlarms: [] };
}

function describe({ definition, state, actionsEnabled }: Alarm): object {
  const { metric } = returnedQuery(definition);
  return {
    AlarmName: definition.name,
    AlarmArn: definition.arn,
    AlarmDescription: definition.description,
    ActionsEnabled: actionsEnabled,
    OKActions: definition.actions.OK,
    AlarmActions: definition.actions.ALARM,
    InsufficientDataActions: definition.actions.INSUFFICIENT_DATA,
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: state.atMs / 1000,
    ...(metric === undefined || definition.queries.length > 1
      ? { Metrics: definition.queries.map(describeQuery) }
      : {
          Namespace: metric.namespace,
          MetricName: metric.metric,
          Dimensions: pairs(metric.dimensions),
          Period: metric.period,
          [metric.statistic.startsWith("p") ? "ExtendedStatistic" : "Statistic"]: metric.statistic,
          Unit: metric.unit,
        }),
    EvaluationPeriods: definition.evaluationPeriods,
    DatapointsToAlarm: definition.datapointsToAlarm,
    Threshold: definition.threshold,
    ComparisonOperator: definition.comparison,
    TreatMissingData: definition.missingData,
  };
}

function describeQuery({ id, label, metric, expression, returnData }: AlarmQuery): object {
  return {
    Id: id,
    Label: label,
    Expression: expression,
    ...(metric !== undefined && {
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metric,
          Dimensions: pairs(metric.dimensions),
        },
        Period: metric.period,
        Stat: metric.statistic,
        Unit: metric.unit,
      },
    }),
    ReturnData: returnData,
  };
}

function pairs(dimensions: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}
