import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { StepFunctionsStartExecution } from "aws-cdk-lib/aws-scheduler-targets";
import * as sns from "aws-cdk-lib/aws-sns";
import * as sfn from "aws-cdk-lib/aws-stepfunctions";
import * as tasks from "aws-cdk-lib/aws-stepfunctions-tasks";
import { expect, it, onTestFinished } from "vitest";
import { VirtualClock } from "../../../../scripts/local/clock/virtual-clock.ts";
import { startCloud } from "../../../../scripts/local/cloud.ts";
import { localConfig } from "../local-config.ts";
import { synthesise, temporaryDirectory } from "../synthesise.ts";

/** Throttled twice, then at work; a model called "poisoned" is never trained. */
const functionSource = `let calls = 0;
class DependencyError extends Error { name = "DependencyError"; }
class InputError extends Error { name = "InputError"; }
exports.handler = async ({ model }) => {
  if (model === "poisoned") throw new InputError("labels are flipped");
  calls += 1;
  if (calls <= 2) throw new DependencyError("throttled");
  return { model, calls };
};`;

it("a deployed state machine runs by its schedule and over the wire, retries, catches, waits and is told of", async () => {
  const code = join(await temporaryDirectory(), "code");
  await mkdir(code);
  await writeFile(join(code, "index.js"), functionSource);
  const directory = await synthesise((app) => {
    const stack = new Stack(app, "Learning");
    const topic = new sns.Topic(stack, "Topic");
    const train = new tasks.LambdaInvoke(stack, "Train", {
      lambdaFunction: new lambda.Function(stack, "Trainer", {
        runtime: lambda.Runtime.NODEJS_24_X,
        handler: "index.handler",
        code: lambda.Code.fromAsset(code),
      }),
      payloadResponseOnly: false,
      resultSelector: { "calls.$": "$.Payload.calls" },
      resultPath: "$.trained",
      retryOnServiceExceptions: false,
      taskTimeout: sfn.Timeout.duration(Duration.minutes(15)),
    })
      .addRetry({
        errors: ["DependencyError"],
        interval: Duration.seconds(30),
        maxDelay: Duration.minutes(5),
        jitterStrategy: sfn.JitterType.NONE,
      })
      .addCatch(
        new tasks.SnsPublish(stack, "Tell", {
          topic,
          message: sfn.TaskInput.fromJsonPathAt("$.failure.Error"),
        }).next(new sfn.Fail(stack, "Stop", { errorPath: "$.MessageId", cause: "see the topic" })),
        { resultPath: "$.failure" },
      );
    const canary = new sfn.Wait(stack, "Canary", { time: sfn.WaitTime.duration(Duration.days(2)) });
    const machine = new sfn.StateMachine(stack, "Machine", {
      definitionBody: sfn.DefinitionBody.fromChainable(
        train.next(canary).next(new sfn.Succeed(stack, "Done")),
      ),
      tracingEnabled: true,
      timeout: Duration.days(7),
    });
    new Schedule(stack, "Fortnightly", {
      schedule: ScheduleExpression.rate(Duration.days(14)),
      target: new StepFunctionsStartExecution(machine, {
        input: ScheduleTargetInput.fromObject({ model: "m" }),
      }),
    });
    new CfnOutput(stack, "MachineArn", { value: machine.stateMachineArn });
    new CfnOutput(stack, "MachineName", { value: machine.stateMachineName });
  });
  const startMs = Date.UTC(2026, 0, 1, 12);
  const clock = new VirtualClock(startMs);
  const cloud = await startCloud({ clock });
  onTestFinished(() => cloud.stop());
  const { outputs } = await cloud.deploy(directory);
  const { MachineArn: stateMachineArn = "", MachineName } = outputs.Learning ?? {};
  const client = new SFNClient(localConfig(cloud.endpoint));
  onTestFinished(() => client.destroy());
  const advance = (seconds: number) => clock.advanceTo(startMs + seconds * 1000, () => cloud.idle());

  await advance(3 * 86_400);
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  expect(executions).toMatchObject([{ status: "SUCCEEDED", startDate: new Date(startMs), stateMachineArn }]);
  const executionArn = executions[0]?.executionArn;
  const scheduled = await client.send(new DescribeExecutionCommand({ executionArn }));
  expect(scheduled).toMatchObject({
    status: "SUCCEEDED",
    input: '{"model":"m"}',
    // Two retries, after 30 and 60 s, then the two days.
    stopDate: new Date(startMs + (90 + 2 * 86_400) * 1000),
  });
  expect(JSON.parse(scheduled.output ?? "")).toEqual({ model: "m", trained: { calls: 3 } });
  const types: string[] = [];
  for await (const { events = [] } of paginateGetExecutionHistory({ client, pageSize: 5 }, { executionArn }))
    types.push(...events.map(({ type }) => type ?? ""));
  const attempt = (end: string) => ["TaskScheduled", end];
  expect(types).toEqual([
    ...["ExecutionStarted", "TaskStateEntered", ...attempt("TaskFailed"), ...attempt("TaskFailed")],
    ...[...attempt("TaskSucceeded"), "TaskStateExited", "WaitStateEntered", "WaitStateExited"],
    ...["SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"],
  ]);

  const start = (input: object) =>
    client.send(
      new StartExecutionCommand({ stateMachineArn, name: "by-hand", input: JSON.stringify(input) }),
    );
  const poisoned = await start({ model: "poisoned" });
  expect((await start({ model: "poisoned" })).executionArn).toBe(poisoned.executionArn);
  await cloud.idle();
  expect(cloud.published).toMatchObject([{ message: "InputError" }]);
  const failed = await client.send(new DescribeExecutionCommand({ executionArn: poisoned.executionArn }));
  expect(failed.status).toBe("FAILED");
  await expect(start({ model: "m" })).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });

  const waiting = await client.send(new StartExecutionCommand({ stateMachineArn, input: '{"model":"m"}' }));
  await cloud.idle();
  const running = await client.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING" }));
  expect(running.executions).toMatchObject([{ executionArn: waiting.executionArn }]);
  await client.send(new StopExecutionCommand({ executionArn: waiting.executionArn, cause: "enough" }));
  const stopped = await client.send(new DescribeExecutionCommand({ executionArn: waiting.executionArn }));
  expect(stopped).toMatchObject({ status: "ABORTED", cause: "enough" });
  const { events } = await client.send(
    new GetExecutionHistoryCommand({ executionArn: waiting.executionArn, reverseOrder: true, maxResults: 1 }),
  );
  expect(events).toMatchObject([
    { type: "ExecutionAborted", executionAbortedEventDetails: { cause: "enough" } },
  ]);

  const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(described).toMatchObject({
    status: "ACTIVE",
    type: "STANDARD",
    tracingConfiguration: { enabled: true },
  });
  expect(JSON.parse(described.definition ?? "")).toMatchObject({ StartAt: "Train", TimeoutSeconds: 604_800 });
  const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines).toMatchObject([{ name: MachineName }]);
  const unknown = client.send(new DescribeExecutionCommand({ executionArn: `${executionArn}-no` }));
  await expect(unknown).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
});
