import { describe, expect, test } from "vitest";
import { archiveKey } from "../../../functions/contract/archived-event.ts";
import { archiveEnv, runtimeEnv } from "../../../functions/contract/env.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { packageKey } from "../../../functions/contract/manifest.ts";
import { readable, readableResource } from "../readable-statement.ts";
import { type Resource, type Synthesis, synthesise } from "../synthesise.ts";

const archive = { enabled: true };
const models = { trees: {}, dense: {} };
const aws = synthesise({ models, archive });
const local = synthesise({ models, archive, target: "local" });

describe("the archive", () => {
  test("is a function that runs no model", () => {
    const { Properties } = archiveOf(aws, "AWS::Lambda::Function");
    expect(Properties).toMatchObject({ Runtime: "nodejs24.x", MemorySize: 512, Timeout: 60 });
    expect(Properties.Layers).toBeUndefined();
  });

  test("finds in its environment exactly what its contract names", () => {
    const { Variables } = archiveOf(aws, "AWS::Lambda::Function").Properties.Environment;
    const expected = [...Object.keys(archiveEnv.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(Variables).sort()).toEqual(expected.sort());
    expect(Variables).toMatchObject({ HEADRACE_STAGE: "dev", HEADRACE_MODELS: "dense,trees" });
  });

  test("may read what is private to any model, and write nothing but the archive", () => {
    const { Statement } = archiveOf(aws, "AWS::IAM::Policy").Properties.PolicyDocument;
    expect(Statement.map(readable)).toEqual([
      "logs:CreateLogStream logs:PutLogEvents on Logs",
      "s3:GetObject on Models/keys/* Models/models/*/manifest.json Models/models/*/model.json",
      "s3:ListBucket on Models where keys/*",
      "dynamodb:GetItem dynamodb:Query on Ledger where dense trees",
      "s3:PutObject on Data/archive/* Parked/aws/lambda/*",
      "s3:ListBucket on Parked",
      "kinesis:DescribeStream kinesis:DescribeStreamConsumer kinesis:DescribeStreamSummary kinesis:GetRecords " +
        "kinesis:GetShardIterator kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard on Events",
    ]);
    expect(packageKey("dense", "digest" as ModelDigest, "model.json")).toMatch(/^models\/.*\/model\.json$/);
    expect(archiveKey({ shard: "s", first: "1", last: "2", arrivalMs: 0 })).toMatch(/^archive\//);
  });

  test.each([
    ["in AWS waits a minute for an object to be worth writing", aws, 60],
    ["locally waits a second, as somebody looks on", local, 1],
  ])("%s", (_title, synthesis, MaximumBatchingWindowInSeconds) => {
    const { Properties } = archiveOf(synthesis, "AWS::Lambda::EventSourceMapping");
    expect(Properties).toMatchObject({
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds,
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRecordAgeInSeconds: 21_600,
      MaximumRetryAttempts: -1,
      StartingPosition: "TRIM_HORIZON",
    });
    expect(readableResource(Properties.EventSourceArn)).toBe("Events");
    expect(readableResource(Properties.DestinationConfig.OnFailure.Destination)).toBe("Parked");
  });

  test("alarms when it fails, falls behind or gives up", () => {
    const alarms = [...aws.resources].filter(
      ([id, { Type }]) => Type === "AWS::CloudWatch::Alarm" && isArchive(id),
    );
    const watched = alarms.map(
      ([, { Properties }]) =>
        `${Properties.MetricName} ${Properties.Statistic} >= ${Properties.Threshold} x${Properties.EvaluationPeriods}`,
    );
    expect(watched.sort()).toEqual([
      "DroppedEventCount Sum >= 1 x1",
      "Errors Sum >= 1 x1",
      "IteratorAge Maximum >= 900000 x5",
      "OnFailureDestinationDeliveredEventCount Sum >= 1 x1",
    ]);
  });

  test("can be switched off, and leaves nothing of itself", () => {
    const off = synthesise({ models, archive: { enabled: false } });
    expect([...off.resources.keys()].filter(isArchive)).toEqual([]);
  });
});

function archiveOf({ resources }: Synthesis, type: string): Resource {
  const found = [...resources].filter(([id, { Type }]) => Type === type && isArchive(id));
  expect(found).toHaveLength(1);
  return found[0]![1];
}

function isArchive(id: string): boolean {
  return id.startsWith("serving/Archive");
}
