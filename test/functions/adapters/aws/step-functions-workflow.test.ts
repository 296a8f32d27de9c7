import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHttpSender } from "../../../../functions/adapters/aws/http-sender.ts";
import { defaultRetry } from "../../../../functions/adapters/aws/retry.ts";
import { createStatesClient, type StatesClient } from "../../../../functions/adapters/aws/states-client.ts";
import { StepFunctionsWorkflow } from "../../../../functions/adapters/aws/step-functions-workflow.ts";
import { DependencyError } from "../../../../functions/core/errors.ts";
import type { LearningRun } from "../../../../functions/core/train/loop/learning-record.ts";
import { type Cloud, startCloud } from "../../../../scripts/local/cloud.ts";

let cloud: Cloud;
let client: StatesClient;
let stateMachine: string;

beforeEach(async () => {
  cloud = await startCloud();
  const sender = createHttpSender({
    ...{ maxSockets: 4, maxAnswerBytes: 2 ** 20, requestTimeoutMs: 5_000, connectionTimeoutMs: 1_000 },
  });
  client = createStatesClient({
    sender,
    access: {
      region: async () => "us-east-1",
      credentials: async () => ({ accessKeyId: "a", secretAccessKey: "b" }),
      endpointOf: () => cloud.endpoint,
    },
  });
  stateMachine = cloud.stateMachines.create({
    name: "trees",
    roleArn: "arn:aws:iam::000000000000:role/r",
    definitionText: JSON.stringify({
      StartAt: "Wait",
      States: { Wait: { Type: "Wait", Seconds: 3600, End: true } },
    }),
    loggingConfiguration: undefined,
    tracingConfiguration: undefined,
  }).arn;
});
afterEach(async () => {
  client.destroy();
  await cloud.stop();
});

const run: LearningRun = {
  ...{ execution: "trees-20010201-1", reason: "person", by: "ada" },
  startedAt: "2001-02-01T00:00:00.000Z",
};

describe("a state machine's executions", () => {
  it("start once under one name, and tell how they stand", async () => {
    const workflow = new StepFunctionsWorkflow({ client, model: "trees", stateMachine });
    expect(await workflow.status(run.execution)).toBe("unknown");
    await Promise.all([workflow.start(run), workflow.start(run), workflow.start(run)]);
    const [execution, ...others] = cloud.stateMachines.listExecutions(stateMachine);
    expect(others).toEqual([]);
    expect(JSON.parse(execution!.input)).toEqual({ model: "trees", ...run });
    expect(await workflow.status(run.execution)).toBe("running");
    cloud.stateMachines.stop(execution!.arn);
    expect(await workflow.status(run.execution)).toBe("ended");
    // An execution that has ended is not started anew.
    await workflow.start(run);
    expect(cloud.stateMachines.listExecutions(stateMachine)).toHaveLength(1);
  });

  it("are a dependency that fails where there is no such state machine", async () => {
    const workflow = new StepFunctionsWorkflow({
      ...{ client, model: "trees", stateMachine: `${stateMachine}s` },
      retry: { ...defaultRetry, attempts: 1 },
    });
    await expect(workflow.start(run)).rejects.toThrow(DependencyError);
  });
});
