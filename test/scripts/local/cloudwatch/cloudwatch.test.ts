import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
  paginateListMetrics,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Activity } from "../../../../scripts/local/clock/activity.ts";
import { systemClock } from "../../../../scripts/local/clock/clock.ts";
import { Alarms } from "../../../../scripts/local/cloudwatch/alarms/alarms.ts";
import { createCloudWatch } from "../../../../scripts/local/cloudwatch/cloudwatch.ts";
import { createFaults } from "../../../../scripts/local/faults.ts";
import { type Front, startFront } from "../../../../scripts/local/front.ts";
import { localCredentials } from "../../../../scripts/local/local-clients.ts";
import { MetricStore } from "../../../../scripts/local/metrics/metric-store.ts";

/** A whole hour. */
const startMs = Date.UTC(2026, 0, 1, 12);
const at = (seconds: number) => new Date(startMs + seconds * 1000);

const metrics = new MetricStore({ maxSeries: 2_000 });
const alarms = new Alarms({
  clock: systemClock,
  activity: new Activity(),
  metrics,
  actions: { invoke: () => undefined, publish: async () => undefined },
  onLog: () => undefined,
});
let front: Front;
let client: CloudWatchClient;

beforeAll(async () => {
  const service = createCloudWatch({ metrics, alarms, clock: systemClock });
  front = await startFront({
    port: 0,
    services: () => [service],
    faults: createFaults(),
    pages: new Map(),
    onLog: () => undefined,
  });
  client = new CloudWatchClient({
    endpoint: `http://127.0.0.1:${front.port}`,
    region: "us-east-1",
    credentials: { ...localCredentials },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  alarms.close();
  client.destroy();
  await front.stop();
});

function put(metric: string, values: number[], seconds: number, dimensions: Record<string, string> = {}) {
  const unit = "Count";
  metrics.put({ namespace: "App", metric, unit, dimensions, values, timestampMs: startMs + seconds * 1000 });
}

function query(Id: string, MetricName: string, Stat: string, Period = 60) {
  return { Id, MetricStat: { Metric: { Namespace: "App", MetricName }, Stat, Period } };
}

describe("the embedded CloudWatch", () => {
  it("answers every statistic of a series by period, the newest first", async () => {
    put("calls", [4, 1], 0);
    put("calls", [7], 59.9);
    put("calls", [10], 120);
    const { MetricDataResults: results } = await client.send(
      new GetMetricDataCommand({
        StartTime: at(0),
        EndTime: at(180),
        MetricDataQueries: [
          query("sum", "calls", "Sum"),
          query("mean", "calls", "Average"),
          query("least", "calls", "Minimum"),
          query("most", "calls", "Maximum"),
          query("n", "calls", "SampleCount"),
          query("p50", "calls", "p50"),
          query("p99", "calls", "p99", 180),
          query("none", "nothing", "Sum"),
        ],
      }),
    );
    expect(results?.map(({ Id, Values }) => [Id, Values])).toEqual([
      ["sum", [10, 12]],
      ["mean", [10, 4]],
      ["least", [10, 1]],
      ["most", [10, 7]],
      ["n", [1, 3]],
      ["p50", [10, 4]],
      ["p99", [10]],
      ["none", []],
    ]);
    expect(results?.[0]?.Timestamps).toEqual([at(120), at(0)]);
    expect(results?.[0]).toMatchObject({ Label: "calls", StatusCode: "Complete" });
  });

  it("begins at the whole minute, ends before the end, and tells series apart by all their dimensions", async () => {
    put("dims", [1], 10, { Model: "a" });
    put("dims", [2], 60, { Model: "a" });
    put("dims", [4], 10, { Model: "a", Stage: "dev" });
    const Dimensions = [{ Name: "Model", Value: "a" }];
    const Metric = { Namespace: "App", MetricName: "dims", Dimensions };
    const { MetricDataResults: results } = await client.send(
      new GetMetricDataCommand({
        StartTime: at(30),
        EndTime: at(60),
        ScanBy: "TimestampAscending",
        MetricDataQueries: [{ Id: "q", Label: "mine", MetricStat: { Metric, Stat: "Sum", Period: 60 } }],
      }),
    );
    expect(results).toMatchObject([{ Label: "mine", Values: [1], Timestamps: [at(0)] }]);
  });

  it("answers GetMetricStatistics too", async () => {
    put("old", [3, 5], 0);
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: "App",
        MetricName: "old",
        StartTime: at(0),
        EndTime: at(60),
        Period: 60,
        Statistics: ["Sum", "Average"],
        ExtendedStatistics: ["p100"],
      }),
    );
    expect(Datapoints).toEqual([{ Timestamp: at(0), Sum: 8, Average: 4, ExtendedStatistics: { p100: 5 } }]);
  });

  it("lists series by namespace, name and dimensions, page by page", async () => {
    for (let i = 0; i < 600; i++) put("many", [i], 0, { Index: String(i) });
    const pages = [];
    for await (const { Metrics = [] } of paginateListMetrics(
      { client },
      { Namespace: "App", MetricName: "many" },
    ))
      pages.push(Metrics.map(({ Dimensions }) => Dimensions?.[0]?.Value));
    expect(pages.map(({ length }) => length)).toEqual([500, 100]);
    expect(new Set(pages.flat()).size).toBe(600);
    const one = await client.send(
      new ListMetricsCommand({ Namespace: "App", Dimensions: [{ Name: "Index", Value: "7" }] }),
    );
    expect(one.Metrics).toEqual([
      { Namespace: "App", MetricName: "many", Dimensions: [{ Name: "Index", Value: "7" }] },
    ]);
  });

  it("takes what is put, each value as often as it is counted, compressed or not", async () => {
    const MetricData = Array.from({ length: 200 }, (_, i) => ({
      MetricName: `put-${i}`,
      Timestamp: at(1),
      Values: [2, 5],
      Counts: [3, 1],
    }));
    await client.send(new PutMetricDataCommand({ Namespace: "Put", MetricData }));
    const filter = { namespace: "Put", metric: "put-199", dimensions: {} };
    expect([metrics.sum(filter), metrics.count(filter)]).toEqual([11, 4]);
  });

  it("tells of alarms and their states, sets states and switches actions", async () => {
    for (const name of ["S-A-1", "T-B-1"]) {
      const metric = { namespace: "App", metric: "calls", dimensions: {}, period: 60, unit: undefined };
      alarms.put(
        {
          name,
          arn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
          description: "too late",
          actions: { OK: [], ALARM: ["arn:aws:sns:us-east-1:000000000000:t"], INSUFFICIENT_DATA: [] },
          queries: [
            {
              id: "m1",
              label: undefined,
              metric: { ...metric, statistic: "p99" },
              expression: undefined,
              returnData: true,
            },
          ],
          comparison: "LessThanThreshold",
          threshold: 2,
          evaluationPeriods: 3,
          datapointsToAlarm: 2,
          missingData: "breaching",
        },
        { actionsEnabled: true },
      );
    }
    const all = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: "S-" }));
    expect(all.MetricAlarms).toMatchObject([
      {
        AlarmName: "S-A-1",
        AlarmDescription: "too late",
        ActionsEnabled: true,
        AlarmActions: ["arn:aws:sns:us-east-1:000000000000:t"],
        StateValue: "INSUFFICIENT_DATA",
        StateReason: "Unchecked: Initial alarm creation",
        StateUpdatedTimestamp: expect.any(Date),
        Namespace: "App",
        MetricName: "calls",
        ExtendedStatistic: "p99",
        Period: 60,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        Threshold: 2,
        ComparisonOperator: "LessThanThreshold",
        TreatMissingData: "breaching",
      },
    ]);
    const AlarmName = "T-B-1";
    await client.send(new DisableAlarmActionsCommand({ AlarmNames: [AlarmName] }));
    await client.send(new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "a drill" }));
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ StateValue: "ALARM" }));
    expect(MetricAlarms).toMatchObject([{ AlarmName, StateReason: "a drill", ActionsEnabled: false }]);
    await client.send(new EnableAlarmActionsCommand({ AlarmNames: [AlarmName] }));
    const again = await client.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
    expect(again.MetricAlarms).toMatchObject([{ ActionsEnabled: true }]);
    const unknown = new SetAlarmStateCommand({ AlarmName: "no", StateValue: "OK", StateReason: "" });
    await expect(client.send(unknown)).rejects.toMatchObject({ name: "ResourceNotFound" });
  });

  it.each([
    ["a period that CloudWatch has not", query("q", "calls", "Sum", 61), "multiple of 60"],
    ["an unknown statistic", query("q", "calls", "Median"), "expected Sum"],
    ["metric math", { Id: "q", Expression: "a + b" }, "no metric math"],
    ["an id in capitals", query("Q", "calls", "Sum"), "lower-case"],
    ["a query of nothing", { Id: "q" }, "no MetricStat"],
  ])("refuses %s", async (_, wrong, message) => {
    const command = new GetMetricDataCommand({
      StartTime: at(0),
      EndTime: at(60),
      MetricDataQueries: [wrong],
    });
    await expect(client.send(command)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining(message),
    });
  });

  it("says that it speaks JSON to a caller of another protocol", async () => {
    const answer = await fetch(`http://127.0.0.1:${front.port}/`, {
      method: "POST",
      headers: {
        authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/monitoring/aws4_request",
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "Action=ListMetrics",
    });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("JSON protocol")]);
  });
});
