import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { predictEnv, runtimeEnv, serverEnv, shadowEnv } from "../../../functions/contract/env.ts";
import { readable } from "../readable-statement.ts";
import { type Synthesis, synthesise } from "../synthesise.ts";

const models = { "flight-delay": {}, dense: {} };
const dev = synthesise({ models });
const shared = synthesise({ api: { corsOrigins: ["https://a.example", "https://b.example"] } });

describe("a model's predict function", () => {
  test("gets the defaults of its settings, apart from the stream function's", () => {
    expect(functionOf(dev, "EndpointflightdelayInference")).toMatchObject({
      Runtime: "nodejs24.x",
      MemorySize: 1769,
      Timeout: 29,
      Layers: [{ Ref: expect.stringMatching(/^OnnxRuntime/) }],
    });
    expect(functionOf(dev, "EndpointflightdelayInference").ReservedConcurrentExecutions).toBeUndefined();
    const predict = { memoryMiB: 3538, timeoutSeconds: 7, reservedConcurrency: 4 };
    const set = synthesise({ models: { m: { memoryMiB: 512, predict } } });
    expect(functionOf(set, "EndpointmInference")).toMatchObject({
      MemorySize: 3538,
      Timeout: 7,
      ReservedConcurrentExecutions: 4,
    });
    expect(functionOf(set, "ModelmInference")).toMatchObject({ MemorySize: 512, Timeout: 60 });
  });

  test("finds in its environment exactly what its contract names", () => {
    const { Variables } = functionOf(shared, "EndpointflightdelayInference").Environment;
    const expected = [...Object.keys(predictEnv.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(Variables).sort()).toEqual(expected.sort());
    expect(Variables).toMatchObject({
      HEADRACE_MODEL: "flight-delay",
      HEADRACE_CORS_ORIGINS: "https://a.example,https://b.example",
    });
    const closed = functionOf(dev, "EndpointflightdelayInference").Environment.Variables;
    expect(closed).not.toHaveProperty("HEADRACE_CORS_ORIGINS");
  });

  test("may do what the stream function may, without reading streams, emitting or rejecting", () => {
    expect(policyOf(dev, "EndpointflightdelayInference")).toEqual([
      "logs:CreateLogStream logs:PutLogEvents on Logs",
      "s3:GetObject on Models/keys/flight-delay Models/models/flight-delay/*",
      "s3:ListBucket on Models where models/flight-delay/* keys/flight-delay",
      "dynamodb:GetItem dynamodb:Query on Ledger where flight-delay",
      "dynamodb:GetItem dynamodb:PutItem on PredictionLog where flight-delay#*",
      "dynamodb:BatchGetItem dynamodb:BatchWriteItem on SharedCache where flight-delay#*",
      "dynamodb:GetItem dynamodb:Query on Tiles where flight-delay#*",
      "dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem on Sketches where flight-delay#sketch",
      expect.stringMatching(/^lambda:InvokeFunction on EndpointflightdelayShadowFunction[0-9A-F]{8}$/),
      "kinesis:PutRecords on Events",
    ]);
  });

  test("alarms on errors, throttles and slow calls", () => {
    for (const [MetricName, statistic, Threshold, EvaluationPeriods] of [
      ["Errors", { Statistic: "Sum" }, 1, 1],
      ["Throttles", { Statistic: "Sum" }, 1, 5],
      ["Duration", { ExtendedStatistic: "p99" }, 1000, 5],
    ] as const) {
      dev.servingTemplate.hasResourceProperties("AWS::CloudWatch::Alarm", {
        MetricName,
        ...statistic,
        Threshold,
        EvaluationPeriods,
        Dimensions: [
          { Name: "FunctionName", Value: { Ref: Match.stringLikeRegexp("^EndpointdenseInference") } },
        ],
      });
    }
  });
});

describe("a model's shadow function", () => {
  test("has the memory of the predict function and time enough for a batch", () => {
    const set = synthesise({ models: { m: { predict: { memoryMiB: 3538, timeoutSeconds: 7 } } } });
    expect(functionOf(set, "EndpointmShadow")).toMatchObject({
      MemorySize: 3538,
      Timeout: 30,
      Layers: [{ Ref: expect.stringMatching(/^OnnxRuntime/) }],
    });
  });

  test("finds in its environment exactly what its contract names, and is named in the predict function's", () => {
    const { Variables } = functionOf(dev, "EndpointflightdelayShadow").Environment;
    const expected = [...Object.keys(shadowEnv.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(Variables).sort()).toEqual(expected.sort());
    const predict = functionOf(dev, "EndpointflightdelayInference").Environment.Variables;
    expect(predict.HEADRACE_SHADOW_FUNCTION.Ref).toMatch(/^EndpointflightdelayShadow/);
  });

  test("may read packages, store predictions and add to sketches of its model, and nothing else", () => {
    expect(policyOf(dev, "EndpointflightdelayShadow")).toEqual([
      "logs:CreateLogStream logs:PutLogEvents on Logs",
      "s3:GetObject on Models/keys/flight-delay Models/models/flight-delay/*",
      "s3:ListBucket on Models where models/flight-delay/* keys/flight-delay",
      "dynamodb:GetItem dynamodb:PutItem on PredictionLog where flight-delay#*",
      "dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem on Sketches where flight-delay#sketch",
    ]);
  });
});

describe("the server function", () => {
  test("is small, without the layer", () => {
    expect(functionOf(dev, "Server")).toMatchObject({ MemorySize: 256, Timeout: 10 });
    expect(functionOf(dev, "Server").Layers).toBeUndefined();
  });

  test("finds in its environment exactly what its contract names", () => {
    const { Variables } = functionOf(shared, "Server").Environment;
    const expected = [...Object.keys(serverEnv.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(Variables).sort()).toEqual(expected.sort());
    expect(functionOf(dev, "Server").Environment.Variables.HEADRACE_MODELS).toBe("dense,flight-delay");
  });

  test("may read what is live of each model, and nothing else", () => {
    expect(policyOf(dev, "Server")).toEqual([
      "logs:CreateLogStream logs:PutLogEvents on Logs",
      "dynamodb:GetItem dynamodb:Query on Ledger where dense flight-delay",
    ]);
  });
});

function functionOf(synthesis: Synthesis, owner: string) {
  return find(synthesis, "AWS::Lambda::Function", owner);
}

/** Statements of the policy of the function under a construct, each as a line. */
function policyOf(synthesis: Synthesis, owner: string): string[] {
  return find(synthesis, "AWS::IAM::Policy", owner).PolicyDocument.Statement.map(readable);
}

function find({ resources }: Synthesis, type: string, owner: string) {
  const found = [...resources].filter(([id, { Type }]) => Type === type && id.startsWith(`serving/${owner}`));
  expect(found).toHaveLength(1);
  return found[0]![1].Properties;
}
