import { Annotations, Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { concealerKeyName } from "../../../functions/contract/concealer-key.ts";
import { runtimeEnv, streamEnv } from "../../../functions/contract/env.ts";
import { exampleKey } from "../../../functions/contract/example.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import { packageKey } from "../../../functions/contract/manifest.ts";
import { rejectKey } from "../../../functions/contract/reject.ts";
import { readable, readableResource } from "../readable-statement.ts";
import { makeFolder, type Resource, type Synthesis, synthesise } from "../synthesise.ts";

// What each model has on the stream; the archive and what stands behind the API have tests of their own.
const streamOnly = { api: { enabled: false }, archive: { enabled: false } };
const dev = synthesise(streamOnly);
const several = synthesise({
  ...streamOnly,
  models: { "flight-delay": {}, "a-b": { architecture: "x86_64" }, ab: {} },
});

describe("a model's stream function", () => {
  test("gets the defaults of its settings", () => {
    dev.servingTemplate.hasResourceProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Architectures: ["arm64"],
      MemorySize: 1769,
      Timeout: 60,
      ReservedConcurrentExecutions: Match.absent(),
    });
    dev.servingTemplate.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  test("gets what its model is set to", () => {
    const models = {
      m: { memoryMiB: 512, timeoutSeconds: 9, architecture: "x86_64", reservedConcurrency: 7 },
    };
    const { servingTemplate } = synthesise({ ...streamOnly, stage: "prod", models });
    servingTemplate.hasResourceProperties("AWS::Lambda::Function", {
      Architectures: ["x86_64"],
      MemorySize: 512,
      Timeout: 9,
      ReservedConcurrentExecutions: 7,
    });
    servingTemplate.hasResourceProperties("AWS::Lambda::LayerVersion", {
      CompatibleArchitectures: ["x86_64"],
    });
    servingTemplate.hasResourceProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
  });

  test("finds in its environment exactly what its contract names", () => {
    const [fn] = ofModels(dev, "AWS::Lambda::Function");
    const variables = fn!.Properties.Environment.Variables;
    const expected = [...Object.keys(streamEnv.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(variables).sort()).toEqual(expected.sort());
    expect(variables).toMatchObject({
      HEADRACE_STAGE: "dev",
      HEADRACE_MODEL: "flight-delay",
      HEADRACE_PREDICTION_DAYS: "30",
      ORT_DISABLE_TELEMETRY: "1",
    });
  });

  test("may do what it must, on what is its own, and nothing else", () => {
    const policies = ofModels(dev, "AWS::IAM::Policy");
    expect(policies).toHaveLength(1);
    expect(policies[0]!.Properties.PolicyDocument.Statement.map(readable)).toEqual([
      "logs:CreateLogStream logs:PutLogEvents on Logs",
      "s3:GetObject on Models/keys/flight-delay Models/models/flight-delay/*",
      "s3:ListBucket on Models where models/flight-delay/* keys/flight-delay",
      "dynamodb:GetItem dynamodb:Query on Ledger where flight-delay",
      "dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem on PredictionLog where flight-delay#*",
      "kinesis:PutRecords on Predictions",
      "dynamodb:BatchGetItem dynamodb:BatchWriteItem on SharedCache where flight-delay#*",
      "dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem on Sketches Tiles where flight-delay#*",
      "s3:PutObject on Data/early/flight-delay/* Data/examples/flight-delay/* Data/rejects/flight-delay/* Parked/aws/lambda/*",
      "s3:ListBucket on Parked",
      "kinesis:DescribeStream kinesis:DescribeStreamConsumer kinesis:DescribeStreamSummary kinesis:GetRecords " +
        "kinesis:GetShardIterator kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard on Events",
    ]);
    expect(packageKey("flight-delay", "digest" as ModelDigest, "model.onnx")).toMatch(
      /^models\/flight-delay\//,
    );
    const batch = { model: "flight-delay", stream: "s", shard: "0", first: "1", last: "2" };
    expect(rejectKey(batch)).toMatch(/^rejects\/flight-delay\//);
    for (const kind of ["examples", "early"] as const)
      expect(exampleKey(kind, "2001-01-31T09", batch)).toMatch(new RegExp(`^${kind}/flight-delay/`));
    expect(concealerKeyName("flight-delay")).toBe("keys/flight-delay");
    for (const role of dev.ofType("AWS::IAM::Role"))
      expect(role.Properties.ManagedPolicyArns).toBeUndefined();
  });
});

describe("a model's event source", () => {
  test("has the design's defaults", () => {
    const [mapping] = dev.ofType("AWS::Lambda::EventSourceMapping");
    expect(mapping!.Properties).toMatchObject({
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds: 0,
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRecordAgeInSeconds: 21_600,
      MaximumRetryAttempts: -1,
      StartingPosition: "TRIM_HORIZON",
      MetricsConfig: { Metrics: ["EventCount"] },
    });
    expect(readableResource(mapping!.Properties.DestinationConfig.OnFailure.Destination)).toBe("Parked");
    expect(readableResource(mapping!.Properties.EventSourceArn)).toBe("Events");
  });

  test("is as the model says", () => {
    const eventSource = {
      batchSize: 100,
      windowSeconds: 3,
      parallelizationFactor: 2,
      bisectOnError: false,
      maxRecordAgeSeconds: 3600,
      retryAttempts: 5,
      startingPosition: "AT_TIMESTAMP",
      startingTimestampSeconds: 980_899_200,
    };
    const { ofType } = synthesise({ ...streamOnly, models: { m: { stateful: false, eventSource } } });
    const [mapping] = ofType("AWS::Lambda::EventSourceMapping");
    expect(mapping!.Properties).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 3,
      ParallelizationFactor: 2,
      BisectBatchOnFunctionError: false,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRecordAgeInSeconds: 3600,
      MaximumRetryAttempts: 5,
      StartingPosition: "AT_TIMESTAMP",
      StartingPositionTimestamp: 980_899_200,
    });
  });
});

describe("a model with fan-out", () => {
  const own = { consumer: "fanOut", stateful: false, eventSource: { parallelizationFactor: 4 } };
  const models = { m: own, other: {} };
  const fanOut = synthesise({ ...streamOnly, models });
  const mappings = fanOut.ofType("AWS::Lambda::EventSourceMapping").map(({ Properties }) => Properties);

  test("has a consumer of the events stream to itself, and reads by it", () => {
    const consumers = [...fanOut.resources].filter(([, { Type }]) => Type === "AWS::Kinesis::StreamConsumer");
    expect(consumers).toHaveLength(1);
    const [[id, { Properties }]] = consumers as [(typeof consumers)[0]];
    expect(Properties.ConsumerName).toBe("m");
    expect(readableResource(Properties.StreamARN)).toBe("Events");
    expect(mappings.map(({ EventSourceArn }) => EventSourceArn)).toContainEqual({
      "Fn::GetAtt": [id.replace(/^serving\//, ""), "ConsumerARN"],
    });
    expect(mappings.filter(({ EventSourceArn }) => "Fn::ImportValue" in EventSourceArn)).toHaveLength(1);
  });

  test("may read by it and by no other", () => {
    const [policy] = fanOut
      .ofType("AWS::IAM::Policy")
      .filter(({ Properties }) => JSON.stringify(Properties).includes("FanOut"));
    const statements: string[] = policy!.Properties.PolicyDocument.Statement.map(readable);
    expect(statements.filter((line) => line.includes("SubscribeToShard") && line.includes("FanOut"))).toEqual(
      [
        expect.stringMatching(
          /^kinesis:DescribeStreamConsumer kinesis:SubscribeToShard on ModelmConsumerFanOut\w+$/,
        ),
      ],
    );
    expect(policy!.Properties.PolicyName).toContain("Modelm");
  });

  test("keeps all other settings and alarms of its event source", () => {
    const [mapping] = mappings.filter(({ EventSourceArn }) => "Fn::GetAtt" in EventSourceArn);
    expect(mapping).toMatchObject({
      ParallelizationFactor: 4,
      MaximumRecordAgeInSeconds: 21_600,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    expect(ofModels(fanOut, "AWS::CloudWatch::Alarm")).toHaveLength(24);
  });
});

describe("a model's alarms", () => {
  const alarms = ofModels(dev, "AWS::CloudWatch::Alarm").map(({ Properties }) => Properties);

  test("watch the function, the event source and the model's own metrics", () => {
    const watched = alarms.flatMap((alarm) =>
      alarm.MetricName
        ? [
            `${alarm.Namespace} ${alarm.MetricName} ${alarm.Statistic} >= ${alarm.Threshold} x${alarm.EvaluationPeriods}`,
          ]
        : [],
    );
    expect(watched.sort()).toEqual([
      "AWS/Lambda DroppedEventCount Sum >= 1 x1",
      "AWS/Lambda Errors Sum >= 1 x1",
      "AWS/Lambda IteratorAge Maximum >= 300000 x5",
      "AWS/Lambda OnFailureDestinationDeliveredEventCount Sum >= 1 x1",
      "AWS/Lambda Throttles Sum >= 1 x5",
      "Headrace AliasErrors Sum >= 1 x1",
      "Headrace CacheMismatch Sum >= 1 x1",
      "Headrace DependencyErrors Sum >= 1 x3",
      "Headrace ModelErrors Sum >= 1 x1",
      "Headrace SketchErrors Sum >= 1 x3",
    ]);
  });

  test.each([
    ["rejected events", "rejected ratio", "IF(events > 0, rejected / events, 0)"],
    [
      "outcomes that contradict an earlier one",
      "conflicting ratio",
      "IF(joined + repeated + conflicting > 0, conflicting / (joined + repeated + conflicting), 0)",
    ],
  ])("watch the share of %s", (_what, label, expression) => {
    const shares = alarms.filter((alarm) => alarm.Metrics !== undefined);
    expect(shares).toHaveLength(2);
    const [share] = shares.filter(({ Metrics }) => Metrics[0].Label === label);
    expect(share).toMatchObject({ Threshold: 0.05, TreatMissingData: "notBreaching" });
    expect(share!.Metrics[0].Expression).toBe(expression);
  });
});

describe("which models may keep no state", () => {
  const outputOf = (models: object) =>
    synthesise({ ...streamOnly, models }).servingTemplate.toJSON().Outputs?.StatelessModels?.Value;

  test("is told to those who publish, by name", () => {
    expect(outputOf({ b: { stateful: false }, c: {}, a: { stateful: false } })).toBe("a,b");
  });

  test("is told of none by no output, since an output cannot be empty", () => {
    expect(outputOf({ a: {} })).toBeUndefined();
  });
});

describe("several models", () => {
  test("have a function, an event source and alarms each, and share a layer per architecture", () => {
    expect(ofModels(several, "AWS::Lambda::Function")).toHaveLength(3);
    several.servingTemplate.resourceCountIs("AWS::Lambda::EventSourceMapping", 3);
    expect(ofModels(several, "AWS::CloudWatch::Alarm")).toHaveLength(36);
    several.servingTemplate.resourceCountIs("AWS::Lambda::LayerVersion", 2);
  });

  test("cannot read each other's packages or write each other's predictions", () => {
    for (const { Properties } of ofModels(several, "AWS::IAM::Policy")) {
      const text = Properties.PolicyDocument.Statement.map(readable).join("\n");
      const names = [
        ...text.matchAll(/(?:models|rejects|examples|early)\/([^/]+)\/\*|where (?!models\/)([^\s#]+)/g),
      ].map(([, a, b]) => a ?? b);
      expect(names).toHaveLength(9);
      expect(new Set(names).size).toBe(1);
    }
  });

  test.each([
    [2, 0, false, 0],
    [3, 0, false, 1],
    [2, 2, false, 0],
    [1, 0, true, 0],
    [2, 0, true, 1],
    [1, 2, true, 0],
  ])(
    "%i of them beside %i with fan-out on one stream, archived: %s, draw %i warnings",
    (count, fanOutCount, enabled, warnings) => {
      const models = Object.fromEntries([
        ...Array.from({ length: count }, (_, i) => [`model-${i}`, {}]),
        ...Array.from({ length: fanOutCount }, (_, i) => [`fan-out-${i}`, { consumer: "fanOut" }]),
      ]);
      const { serving } = synthesise({ ...streamOnly, archive: { enabled }, models });
      const found = Annotations.fromStack(serving).findWarning(
        "*",
        Match.stringLikeRegexp("standard consumers"),
      );
      expect(found).toHaveLength(warnings);
    },
  );
});

test("locally, functions are built for the machine that runs them", () => {
  const host = process.arch === "arm64" ? "arm64" : "x86_64";
  for (const architecture of ["arm64", "x86_64"]) {
    const { ofType } = synthesise({ target: "local", models: { m: { architecture } } });
    expect(ofType("AWS::Lambda::Function")[0]!.Properties.Architectures).toEqual([host]);
    expect(ofType("AWS::Lambda::LayerVersion")[0]!.Properties.CompatibleArchitectures).toEqual([host]);
  }
});

test("a missing build is said so, with the command that makes it", () => {
  expect(() => synthesise({ build: makeFolder() })).toThrow(
    /got no .*expected what the build writes; run npm run build/,
  );
});

/** What the models have on the stream, without what stands beside them for all. */
function ofModels({ resources }: Synthesis, type: string): Resource[] {
  const found = [...resources].filter(([id, { Type }]) => Type === type && id.startsWith("serving/Model"));
  return found.map(([, resource]) => resource);
}
