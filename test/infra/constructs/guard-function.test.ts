import { describe, expect, test } from "vitest";
import { guardEnv, runtimeEnv } from "../../../functions/contract/env.ts";
import { highResolutionMetrics } from "../../../functions/contract/high-resolution.ts";
import { readable } from "../readable-statement.ts";
import { type Resource, type Synthesis, synthesise } from "../synthesise.ts";

const models = { trees: {}, dense: {} };
const aws = synthesise({ models });

describe("the guard", () => {
  test("is a function that runs no model", () => {
    const { Properties } = guardOf(aws, "AWS::Lambda::Function");
    expect(Properties).toMatchObject({ Runtime: "nodejs24.x", MemorySize: 256, Timeout: 60 });
    expect(Properties.Layers).toBeUndefined();
  });

  test("finds in its environment exactly what its contract names", () => {
    const { Variables } = guardOf(aws, "AWS::Lambda::Function").Properties.Environment;
    const expected = [...Object.keys(guardEnv.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(Variables).sort()).toEqual(expected.sort());
    expect(Variables).toMatchObject({ HEADRACE_STAGE: "dev", HEADRACE_MODELS: "dense,trees" });
  });

  test("may append to the models' ledgers and change their functions' configuration, and nothing else", () => {
    const { Statement } = guardOf(aws, "AWS::IAM::Policy").Properties.PolicyDocument;
    expect(Statement.map(readable).map(withoutHash)).toEqual([
      "logs:CreateLogStream logs:PutLogEvents on Logs",
      "dynamodb:GetItem dynamodb:PutItem dynamodb:Query on Ledger where dense trees",
      "lambda:GetFunctionConfiguration lambda:UpdateFunctionConfiguration on " +
        "EndpointdenseInferenceFunction EndpointdenseShadowFunction EndpointtreesInferenceFunction " +
        "EndpointtreesShadowFunction ModeldenseInferenceFunction ModeltreesInferenceFunction",
    ]);
  });

  test("is called by the alarms of its own stack, by one permission for all", () => {
    const { Properties } = guardOf(aws, "AWS::Lambda::Permission");
    expect(Properties).toMatchObject({
      Action: "lambda:InvokeFunction",
      Principal: "lambda.alarms.cloudwatch.amazonaws.com",
      SourceAccount: { Ref: "AWS::AccountId" },
    });
    expect(Properties.SourceArn["Fn::Join"][1].at(-1)).toBe(":alarm:Headrace-dev-Serving-*");
  });

  test("hears of the challenger within seconds, and of each function's memory", () => {
    expect(guardedAlarms(aws, "dense")).toEqual([
      'ChallengerErrors Sum >= 10 in 10 s of {"Model":"dense","Stage":"dev"}',
      'ChallengerStopped Sum >= 1 in 10 s of {"Model":"dense","Stage":"dev"}',
      'MemoryUsedRatio Maximum >= 0.8 in 60 s of {"Function":"EndpointdenseInferenceFunction","Model":"dense","Stage":"dev"}',
      'MemoryUsedRatio Maximum >= 0.8 in 60 s of {"Function":"EndpointdenseShadowFunction","Model":"dense","Stage":"dev"}',
      'MemoryUsedRatio Maximum >= 0.8 in 60 s of {"Function":"ModeldenseInferenceFunction","Model":"dense","Stage":"dev"}',
    ]);
  });

  test("lets a challenger fail on as many rows as its model says", () => {
    const lenient = synthesise({ models: { dense: { alarms: { challengerErrors: 20 } } } });
    expect(guardedAlarms(lenient, "dense")[0]).toMatch(/^ChallengerErrors Sum >= 20 in 10 s/);
    expect(() => synthesise({ models: { dense: { alarms: { challengerErrors: 0 } } } })).toThrow(
      /alarms\.challengerErrors/,
    );
  });

  test("does without the API", () => {
    const off = synthesise({ models, api: { enabled: false } });
    expect(guardedAlarms(off, "dense")).toHaveLength(3);
    const { Statement } = guardOf(off, "AWS::IAM::Policy").Properties.PolicyDocument;
    expect(Statement.map(readable).map(withoutHash)[2]).not.toContain("Endpoint");
  });

  test("is told where local clouds evaluate alarms too: none of them is on metric math", () => {
    expect(guardedAlarms(synthesise({ models, target: "local" }), "dense")).toHaveLength(5);
  });
});

test("no alarm has a period below a minute but on metrics that are kept by the second", () => {
  const periods = aws
    .ofType("AWS::CloudWatch::Alarm")
    .flatMap(({ Properties: { Period, MetricName } }) => (Period < 60 ? [MetricName] : []));
  expect([...new Set(periods)].sort()).toEqual([...highResolutionMetrics].sort());
});

function guardOf({ resources }: Synthesis, type: string): Resource {
  const found = [...resources].filter(([id, { Type }]) => Type === type && /^serving\/Guard/.test(id));
  expect(found).toHaveLength(1);
  return found[0]![1];
}

/** The alarms of one model that call the guard, each as a line, in order. */
function guardedAlarms({ ofType }: Synthesis, model: string): string[] {
  return ofType("AWS::CloudWatch::Alarm")
    .filter(({ Properties }) => JSON.stringify(Properties.AlarmActions).includes("Guard"))
    .flatMap(({ Properties }) => {
      const { MetricName, Statistic, Threshold, Period, EvaluationPeriods, Dimensions } = Properties;
      expect([EvaluationPeriods, Properties.TreatMissingData]).toEqual([1, "notBreaching"]);
      const dimensions = Object.fromEntries(
        Dimensions.map(({ Name, Value }: { Name: string; Value: string | { Ref: string } }) => [
          Name,
          typeof Value === "string" ? Value : withoutHash(Value.Ref),
        ]),
      );
      if (dimensions.Model !== model) return [];
      return `${MetricName} ${Statistic} >= ${Threshold} in ${Period} s of ${JSON.stringify(dimensions)}`;
    })
    .sort();
}

/** Logical ids without what CDK makes them unique by. */
function withoutHash(text: string): string {
  return text.replaceAll(/(?<=\w)[0-9A-F]{8}\b/g, "");
}
