import { z } from "zod";
import type { AlarmMetric, AlarmQuery } from "../../cloudwatch/alarms/alarm-definition.ts";
import { statistic } from "../../cloudwatch/inputs.ts";
import { localAccount, localRegion } from "../../service.ts";
import { defineProvider, flag, numeric } from "../provider.ts";

const dimensions = z
  .array(z.object({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((pairs) => Object.fromEntries(pairs.map(({ Name, Value }) => [Name, Value])));

/** Alarms have no periods of 1 and 5 seconds here: they are evaluated every ten. */
const period = numeric.refine(
  (seconds) => [10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0),
  {
    message: "expected 10, 20, 30 or a multiple of 60",
  },
);

const metricQuery = z
  .object({
    Id: z.string(),
    Label: z.string().optional(),
    Expression: z.string().optional(),
    MetricStat: z
      .object({
        Metric: z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions }),
        Period: period,
        Stat: statistic,
        Unit: z.string().optional(),
      })
      .transform(
        ({ Metric, Period, Stat, Unit }): AlarmMetric => ({
          namespace: Metric.Namespace,
          metric: Metric.MetricName,
          dimensions: Metric.Dimensions,
          period: Period,
          statistic: Stat,
          unit: Unit,
        }),
      )
      .optional(),
    ReturnData: flag.default(true),
  })
  .transform(
    ({ Id, Label, Expression, MetricStat, ReturnData }): AlarmQuery => ({
      id: Id,
      label: Label,
      metric: MetricStat,
      expression: Expression,
      returnData: ReturnData,
    }),
  );

const arns = z.array(z.string()).default([]);

const properties = z.object({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().optional(),
  ActionsEnabled: flag.default(true),
  OKActions: arns,
  AlarmActions: arns,
  InsufficientDataActions: arns,
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Period: period.optional(),
  Statistic: statistic.optional(),
  ExtendedStatistic: statistic.optional(),
  Unit: z.string().optional(),
  Metrics: z
    .array(metricQuery)
    .refine((queries) => queries.filter(({ returnData }) => returnData).length === 1, {
      message: "expected one query that returns data",
    })
    .optional(),
  ComparisonOperator: z.enum([
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
  ]),
  Threshold: numeric,
  EvaluationPeriods: numeric,
  DatapointsToAlarm: numeric.optional(),
  TreatMissingData: z.enum(["missing", "ignore", "breaching", "notBreaching"]).default("missing"),
});

export const cloudwatchAlarm = defineProvider({
  type: "AWS::CloudWatch::Alarm",
  properties,
  create: async ({ cloud, physicalName }, declared) => {
    const name = declared.AlarmName ?? physicalName({ maxLength: 255 });
    const arn = `arn:aws:cloudwatch:${localRegion}:${localAccount}:alarm:${name}`;
    const definition = {
      name,
      arn,
      description: declared.AlarmDescription,
      actions: {
        OK: declared.OKActions,
        ALARM: declared.AlarmActions,
        INSUFFICIENT_DATA: declared.InsufficientDataActions,
      },
      queries: declared.Metrics ?? [ownMetric(declared)],
      comparison: declared.ComparisonOperator,
      threshold: declared.Threshold,
      evaluationPeriods: declared.EvaluationPeriods,
      datapointsToAlarm: declared.DatapointsToAlarm ?? declared.EvaluationPeriods,
      missingData: declared.TreatMissingData,
    };
    cloud.alarms.put(definition, { actionsEnabled: declared.ActionsEnabled });
    return { physicalId: name, attributes: { Arn: arn }, remove: async () => cloud.alarms.delete(name) };
  },
});

/** An alarm on one metric may name it without a list. */
function ownMetric(declared: z.infer<typeof properties>): AlarmQuery {
  const { Namespace, MetricName, Period, Statistic, ExtendedStatistic } = declared;
  const chosen = Statistic ?? ExtendedStatistic;
  if (Namespace === undefined || MetricName === undefined || Period === undefined || chosen === undefined) {
    throw new Error("got neither Metrics nor Namespace, MetricName, Period and Statistic together");
  }
  const metric = {
    namespace: Namespace,
    metric: MetricName,
    dimensions: declared.Dimensions,
    period: Period,
    statistic: chosen,
    unit: declared.Unit,
  };
  return { id: "m1", label: undefined, metric, expression: undefined, returnData: true };
}
