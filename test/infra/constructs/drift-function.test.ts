import { describe, expect, test } from "vitest";
import { driftEnv, runtimeEnv } from "../../../functions/contract/env.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { packageKey } from "../../../functions/contract/manifest.ts";
import { readable, readableResource, type Statement } from "../readable-statement.ts";
import { type Resource, synthesise } from "../synthesise.ts";

const dev = synthesise({ models: { trees: {}, dense: {} } });

describe("what watches for drift", () => {
  test("is one function for all models, that runs none", () => {
    const [fn, ...more] = ofDrift("AWS::Lambda::Function");
    expect(more).toEqual([]);
    expect(fn!.Properties).toMatchObject({ Runtime: "nodejs24.x", MemorySize: 1024, Timeout: 240 });
    expect(fn!.Properties.Layers).toBeUndefined();
    const { Variables } = fn!.Properties.Environment;
    const expected = [...Object.keys(driftEnv.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(Variables).sort()).toEqual(expected.sort());
    expect(Variables).toMatchObject({ HEADRACE_STAGE: "dev", HEADRACE_MODELS: "dense,trees" });
  });

  test("may read what it compares, and write nothing but what it found", () => {
    const policies = ofDrift("AWS::IAM::Policy").map(({ Properties }) =>
      Properties.PolicyDocument.Statement.map(readableHere),
    );
    expect(policies).toContainEqual([
      "logs:CreateLogStream logs:PutLogEvents on WatcherLogs",
      "s3:GetObject on Models/models/*/manifest.json Models/models/*/model.json Models/models/*/reference.json",
      "dynamodb:GetItem dynamodb:Query on Ledger where dense trees",
      "dynamodb:GetItem dynamodb:Query on Tiles where *#clock",
      "dynamodb:GetItem dynamodb:Query on Sketches where *#sketch *#accuracy",
      "dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem on Sketches where *#drift",
    ]);
    expect(packageKey("dense", "digest" as ModelDigest, "reference.json")).toMatch(
      /^models\/.*\/reference\.json$/,
    );
  });

  test("is called every five minutes, by a role that may call it and nothing else", () => {
    const [schedule, ...more] = ofDrift("AWS::Scheduler::Schedule");
    expect(more).toEqual([]);
    expect(schedule!.Properties).toMatchObject({
      ScheduleExpression: "rate(5 minutes)",
      FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 1 },
      Target: { RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 } },
    });
    const target = schedule!.Properties.Target;
    expect(withoutPath(readableResource(target.DeadLetterConfig.Arn))).toBe("Failed");
    const policies = ofDrift("AWS::IAM::Policy").map(({ Properties }) =>
      Properties.PolicyDocument.Statement.map(readableHere),
    );
    expect(policies).toContainEqual([
      "lambda:InvokeFunction on WatcherFunction",
      "sqs:SendMessage on Failed",
    ]);
  });

  test("alarms for each model, and when it fails", () => {
    const watched = ofDrift("AWS::CloudWatch::Alarm").map(
      ({ Properties }) =>
        `${Properties.MetricName} ${Properties.Dimensions.map(({ Value }: { Value: unknown }) => (typeof Value === "string" ? Value : "function")).join(" ")} ${Properties.Statistic} >= ${Properties.Threshold} x${Properties.EvaluationPeriods} of ${Properties.Period} s`,
    );
    expect(watched.sort()).toEqual([
      "DriftAlarm dense dev Maximum >= 1 x1 of 600 s",
      "DriftAlarm trees dev Maximum >= 1 x1 of 600 s",
      "Errors function Sum >= 1 x3 of 300 s",
    ]);
  });
});

function readableHere(statement: Statement): string {
  return withoutPath(readable(statement));
}

/** Logical ids of what is the construct's own, by what they are called in it. */
function withoutPath(text: string): string {
  return text.replace(/\bDrift(\w+?)[0-9A-F]{8}\b/g, "$1");
}

function ofDrift(type: string): Resource[] {
  return [...dev.resources].flatMap(([id, resource]) =>
    resource.Type === type && id.startsWith("serving/Drift") ? [resource] : [],
  );
}
