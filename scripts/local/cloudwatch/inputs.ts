import * as z from "zod";

const name = z.string().min(1).max(255);
/** Epoch seconds, with fractions. */
const time = z.number().transform((seconds) => seconds * 1000);
/** Seconds. */
const period = z
  .int()
  .refine((seconds) => [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0), {
    message: "expected 1, 5, 10, 20, 30 or a multiple of 60",
  });

const dimensions = z
  .array(z.object({ Name: name, Value: z.string().min(1).max(1024) }))
  .max(30)
  .default([])
  .transform((pairs) => Object.fromEntries(pairs.map(({ Name, Value }) => [Name, Value])));

/** `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99` or `p99.9`. */
export const statistic = z
  .string()
  .regex(/^(Sum|Average|Minimum|Maximum|SampleCount|p(100|\d{1,2}(\.\d{1,10})?))$/, {
    message: "expected Sum, Average, Minimum, Maximum, SampleCount or a percentile from p0 to p100",
  });

const metricStat = z.object({
  Metric: z.object({ Namespace: name, MetricName: name, Dimensions: dimensions }),
  Period: period,
  Stat: statistic,
});

export const getMetricDataInput = z.object({
  MetricDataQueries: z
    .array(
      z.object({
        Id: z.string().regex(/^[a-z]\w{0,254}$/, "expected a lower-case letter, then letters, digits and _"),
        MetricStat: z.optional(metricStat),
        Expression: z.optional(
          z.never("the embedded cloudwatch has no metric math and no SEARCH; ask for MetricStat"),
        ),
        Label: z.optional(z.string()),
        ReturnData: z.boolean().default(true),
      }),
    )
    .min(1)
    .max(500),
  StartTime: time,
  EndTime: time,
  ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
});

export const getMetricStatisticsInput = z.object({
  Namespace: name,
  MetricName: name,
  Dimensions: dimensions,
  StartTime: time,
  EndTime: time,
  Period: period,
  Statistics: z.array(statistic).max(5).default([]),
  ExtendedStatistics: z.array(statistic).max(10).default([]),
});

export const listMetricsInput = z.object({
  Namespace: z.optional(name),
  MetricName: z.optional(name),
  Dimensions: z.array(z.object({ Name: name, Value: z.optional(z.string()) })).default([]),
  NextToken: z.optional(z.string().regex(/^\d{1,9}$/, "got a token of another call")),
});

const alarmState = z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]);

export const describeAlarmsInput = z.object({
  AlarmNames: z.optional(z.array(z.string())),
  AlarmNamePrefix: z.optional(z.string()),
  StateValue: z.optional(alarmState),
});

export const setAlarmStateInput = z.object({
  AlarmName: name,
  StateValue: alarmState,
  StateReason: z.string().max(1023),
  StateReasonData: z.optional(z.string().max(4000)),
});

export const alarmNamesInput = z.object({ AlarmNames: z.array(name).max(100) });

export const putMetricDataInput = z.object({
  Namespace: name,
  MetricData: z
    .array(
      z.object({
        MetricName: name,
        Dimensions: dimensions,
        Timestamp: z.optional(time),
        Unit: z.string().default("None"),
        Value: z.optional(z.number()),
        Values: z.array(z.number()).max(150).default([]),
        Counts: z.optional(z.array(z.int().min(1).max(10_000)).max(150)),
        StatisticValues: z.optional(
          z.never("the embedded cloudwatch takes values, not statistics; give Value or Values"),
        ),
      }),
    )
    .max(1000)
    .default([]),
});

export type GetMetricDataInput = z.infer<typeof getMetricDataInput>;
export type GetMetricStatisticsInput = z.infer<typeof getMetricStatisticsInput>;
export type ListMetricsInput = z.infer<typeof listMetricsInput>;
export type DescribeAlarmsInput = z.infer<typeof describeAlarmsInput>;
export type PutMetricDataInput = z.infer<typeof putMetricDataInput>;
