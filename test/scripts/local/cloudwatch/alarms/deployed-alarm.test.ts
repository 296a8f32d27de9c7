import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { LambdaAction, SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as sns from "aws-cdk-lib/aws-sns";
import { expect, it, onTestFinished } from "vitest";
import { VirtualClock } from "../../../../../scripts/local/clock/virtual-clock.ts";
import { startCloud } from "../../../../../scripts/local/cloud.ts";
import { localConfig } from "../../local-config.ts";
import { synthesise, temporaryDirectory } from "../../synthesise.ts";

const functionSource = `exports.handler = async ({ source, alarmData }) =>
  console.log(JSON.stringify({ source, name: alarmData.alarmName, now: alarmData.state.value, before: alarmData.previousState.value }));`;

it("a deployed alarm goes off by what is measured, calls its function and tells its topic, and is over again", async () => {
  const code = join(await temporaryDirectory(), "code");
  await mkdir(code);
  await writeFile(join(code, "index.js"), functionSource);
  const directory = await synthesise((app) => {
    const stack = new Stack(app, "Watched");
    const topic = new sns.Topic(stack, "Topic");
    const guard = new lambda.Function(stack, "Guard", {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: lambda.Code.fromAsset(code),
    });
    const metric = new cloudwatch.Metric({
      namespace: "App",
      metricName: "Errors",
      dimensionsMap: { Model: "m" },
      period: Duration.seconds(10),
      statistic: cloudwatch.Stats.SUM,
    });
    const alarm = metric.createAlarm(stack, "Alarm", {
      alarmDescription: "the challenger errs",
      threshold: 2,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new LambdaAction(guard), new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    new CfnOutput(stack, "Alarm-Name", { value: alarm.alarmName });
    new CfnOutput(stack, "Guard-Name", { value: guard.functionName });
    const ratio = new cloudwatch.MathExpression({ expression: "a / 2", usingMetrics: { a: metric } });
    ratio.createAlarm(stack, "Ratio", { threshold: 1, evaluationPeriods: 1 });
  });
  const startMs = Date.UTC(2026, 0, 1, 12);
  const clock = new VirtualClock(startMs);
  const cloud = await startCloud({ clock });
  onTestFinished(() => cloud.stop());
  const { outputs } = await cloud.deploy(directory);
  const { AlarmName = "", GuardName = "" } = outputs.Watched ?? {};
  const client = new CloudWatchClient(localConfig(cloud.endpoint));
  onTestFinished(() => client.destroy());
  const stateOf = async () => {
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
    return MetricAlarms[0]?.StateValue;
  };
  const advance = (seconds: number) => clock.advanceTo(startMs + seconds * 1000, () => cloud.idle());

  await advance(11);
  expect(await stateOf()).toBe("OK");
  const Dimensions = [{ Name: "Model", Value: "m" }];
  // Without a time of its own a datapoint has the clock's.
  const MetricData = [{ MetricName: "Errors", Value: 2, Dimensions }];
  await client.send(new PutMetricDataCommand({ Namespace: "App", MetricData }));
  await advance(21);
  expect(await stateOf()).toBe("ALARM");
  expect(cloud.lambda.logs(GuardName)).toEqual([
    JSON.stringify({ source: "aws.cloudwatch", name: AlarmName, now: "ALARM", before: "OK" }),
  ]);
  await advance(60);
  expect(await stateOf()).toBe("OK");
  expect(cloud.published.map(({ subject, message }) => [subject, JSON.parse(message).NewStateValue])).toEqual(
    [
      [`OK: "${AlarmName}" in US East (N. Virginia)`, "OK"],
      [`ALARM: "${AlarmName}" in US East (N. Virginia)`, "ALARM"],
      [`OK: "${AlarmName}" in US East (N. Virginia)`, "OK"],
    ],
  );
  const { MetricAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmNamePrefix: "Watched-Ratio" }),
  );
  expect(MetricAlarms).toMatchObject([
    { StateValue: "INSUFFICIENT_DATA", StateReason: expect.stringContaining("metric math") },
  ]);
});
