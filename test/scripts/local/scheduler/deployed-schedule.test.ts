import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { CfnOutput, Duration, Stack, TimeZone } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleGroup,
  ScheduleTargetInput,
} from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { expect, it, onTestFinished } from "vitest";
import { VirtualClock } from "../../../../scripts/local/clock/virtual-clock.ts";
import { type Cloud, startCloud } from "../../../../scripts/local/cloud.ts";
import { localConfig } from "../local-config.ts";
import { synthesise, temporaryDirectory } from "../synthesise.ts";

it("deployed schedules run their function, park what cannot be run, and are read and changed over the wire", async () => {
  const code = join(await temporaryDirectory(), "code");
  await mkdir(code);
  await writeFile(
    join(code, "index.js"),
    "exports.handler = async (event) => console.log(JSON.stringify(event));",
  );
  const directory = await synthesise((app) => {
    const stack = new Stack(app, "Timed");
    const deadLetterQueue = new sqs.Queue(stack, "Parked");
    const fn = new lambda.Function(stack, "Drift", {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: lambda.Code.fromAsset(code),
    });
    const input = ScheduleTargetInput.fromObject({ at: ContextAttribute.scheduledTime });
    new Schedule(stack, "Often", {
      schedule: ScheduleExpression.rate(Duration.hours(12)),
      target: new LambdaInvoke(fn, { input }),
      scheduleGroup: new ScheduleGroup(stack, "Group", { scheduleGroupName: "watching" }),
    });
    new Schedule(stack, "Daily", {
      schedule: ScheduleExpression.cron({ minute: "30", hour: "3", timeZone: TimeZone.EUROPE_BERLIN }),
      target: new LambdaInvoke(fn, { input }),
    });
    const missing = lambda.Function.fromFunctionAttributes(stack, "Missing", {
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:no",
      sameEnvironment: true,
    });
    new Schedule(stack, "Broken", {
      schedule: ScheduleExpression.at(new Date("2026-01-01T13:00:00Z")),
      target: new LambdaInvoke(missing, { deadLetterQueue }),
    });
    new CfnOutput(stack, "FunctionName", { value: fn.functionName });
    new CfnOutput(stack, "QueueUrl", { value: deadLetterQueue.queueUrl });
  });
  const startMs = Date.UTC(2026, 0, 1, 12);
  const clock = new VirtualClock(startMs);
  const cloud = await startCloud({ clock });
  onTestFinished(() => cloud.stop());
  const { outputs } = await cloud.deploy(directory);
  const { FunctionName = "", QueueUrl } = outputs.Timed ?? {};
  await clock.advanceTo(Date.UTC(2026, 0, 2, 12), () => cloud.idle());
  const times = ["01T12:00:00Z", "02T00:00:00Z", "02T02:30:00Z", "02T12:00:00Z"];
  expect(cloud.lambda.logs(FunctionName)).toEqual(times.map((time) => `{"at":"2026-01-${time}"}`));

  const queues = new SQSClient(localConfig(cloud.endpoint));
  onTestFinished(() => queues.destroy());
  const { Messages } = await queues.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"], WaitTimeSeconds: 0 }),
  );
  expect(Messages).toMatchObject([
    { Body: "{}", MessageAttributes: { ERROR_CODE: { StringValue: "ResourceNotFoundException" } } },
  ]);

  const { Schedules } = await call(cloud, "GET", "/schedules?ScheduleGroup=watching");
  expect(Schedules).toMatchObject([
    { GroupName: "watching", State: "ENABLED", CreationDate: startMs / 1000 },
  ]);
  const name = Schedules[0]?.Name;
  const path = `/schedules/${name}`;
  const whole = await call(cloud, "GET", `${path}?groupName=watching`);
  expect(whole).toMatchObject({
    Name: name,
    ScheduleExpression: "rate(12 hours)",
    ScheduleExpressionTimezone: "Etc/UTC",
    Target: { RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 } },
  });
  await call(cloud, "PUT", path, { ...whole, State: "DISABLED" });
  expect((await call(cloud, "GET", "/schedules?State=DISABLED")).Schedules).toMatchObject([{ Name: name }]);
  const wrong = await call(cloud, "PUT", path, { ...whole, ScheduleExpression: "rate(never)" });
  expect(wrong).toMatchObject({
    __type: "ValidationException",
    message: expect.stringContaining("rate: got"),
  });
  expect(await call(cloud, "GET", "/schedules/none")).toMatchObject({ __type: "ResourceNotFoundException" });
  await call(cloud, "DELETE", `${path}?groupName=watching`);
  await call(cloud, "DELETE", "/schedule-groups/watching");
  const { ScheduleGroups } = await call(cloud, "GET", "/schedule-groups");
  expect(ScheduleGroups).toMatchObject([{ Name: "default", State: "ACTIVE" }]);
});

/** As an SDK does; the project has none for Scheduler. */
async function call(cloud: Cloud, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${cloud.endpoint}${path}`, {
    method,
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/scheduler/aws4_request",
      "content-type": "application/json",
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Answer;
}

interface Answer {
  readonly Schedules: readonly { readonly Name: string }[];
  readonly ScheduleGroups: readonly object[];
}
