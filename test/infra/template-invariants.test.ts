import { describe, expect, test } from "vitest";
import { type Synthesis, synthesise } from "./synthesise.ts";

const models = {
  "flight-delay": { learning: {} },
  dense: { architecture: "x86_64", reservedConcurrency: 5 },
};
const cases: [string, Synthesis][] = ["dev", "prod"].flatMap((stage) =>
  ["aws", "local"].map((target): [string, Synthesis] => [
    `${stage} on ${target}`,
    synthesise({ stage, target, models }),
  ]),
);

describe.each(cases)("the whole template of %s", (_name, { resources, ofType }) => {
  const all = [...resources];

  test("names nothing that must be unique: a physical name would let no resource be replaced", () => {
    const nameProperty =
      /^(Name|(Bucket|Table|Stream|Function|Layer|Topic|Alarm|Dashboard|Role|LogGroup|Queue|Alias|Key|UsagePlan)Name)$/;
    const named = all.filter(
      // They name the function that is called.
      ([, { Type, Properties }]) =>
        !/^AWS::Lambda::(EventSourceMapping|EventInvokeConfig|Permission)$/.test(Type) &&
        Object.keys(Properties).some((key) => nameProperty.test(key)),
    );
    expect(named.map(([id]) => id.replace(/[0-9A-F]{8}$/, ""))).toEqual([
      // The dimension of the API's metrics; need not be unique.
      "serving/Api",
      // API Gateway's choice, made of the API's id.
      "serving/ApiExecutionLogs",
    ]);
  });

  test("gives every function a log group that forgets", () => {
    const groups = all.filter(([, { Type }]) => Type === "AWS::Logs::LogGroup");
    for (const [, { Properties }] of groups) expect(Properties.RetentionInDays).toBeGreaterThan(0);
    const ids = groups.map(([id]) => id.replace(/^.*\//, ""));
    for (const { Properties } of ofType("AWS::Lambda::Function")) {
      expect(ids).toContain(Properties.LoggingConfig.LogGroup.Ref);
    }
  });

  test("gives every function one caller: an event source with a failure path and a bound on age, the API, the alarms, another function, or a state machine", () => {
    const functions = all.filter(([, { Type }]) => Type === "AWS::Lambda::Function");
    const mappings = ofType("AWS::Lambda::EventSourceMapping").map(({ Properties }) => Properties);
    const permissions = ofType("AWS::Lambda::Permission").map(({ Properties }) => Properties);
    const schedules = ofType("AWS::Scheduler::Schedule").map(({ Properties }) => Properties.Target);
    const called = [
      ...schedules.map(({ Arn }) => Arn["Fn::GetAtt"][0]),
      ...mappings.map((mapping) => mapping.FunctionName.Ref),
      ...permissions.map((permission) => permission.FunctionName["Fn::GetAtt"][0]),
      ...ofType("AWS::Lambda::EventInvokeConfig").map(({ Properties }) => Properties.FunctionName.Ref),
      ...ofType("AWS::StepFunctions::StateMachine").flatMap(({ Properties }) =>
        Properties.DefinitionString["Fn::Join"][1].flatMap(
          (part: { "Fn::GetAtt"?: [string, string] }) => part["Fn::GetAtt"]?.[0] ?? [],
        ),
      ),
    ];
    // A retrain function has its schedule and an alarm, a step as many states as it has.
    expect([...new Set(called)].sort()).toEqual(functions.map(([id]) => id.replace(/^.*\//, "")).sort());
    for (const { Principal, SourceArn } of permissions) {
      const source = SourceArn["Fn::Join"][1];
      if (Principal === "lambda.alarms.cloudwatch.amazonaws.com")
        expect(source.at(-1)).toMatch(/^:alarm:Headrace-(dev|prod)-(Serving|Learning)-\*$/);
      else {
        expect(Principal).toBe("apigateway.amazonaws.com");
        expect(source).toContainEqual({ Ref: expect.stringMatching(/^Api/) });
      }
    }
    for (const { DeadLetterConfig, RetryPolicy } of schedules) {
      expect(DeadLetterConfig.Arn["Fn::GetAtt"]).toHaveLength(2);
      expect(RetryPolicy.MaximumEventAgeInSeconds).toBeLessThanOrEqual(3600);
    }
    for (const mapping of mappings) {
      expect(mapping.DestinationConfig.OnFailure.Destination).toBeDefined();
      expect(mapping.FunctionResponseTypes).toEqual(["ReportBatchItemFailures"]);
      expect(mapping.MaximumRecordAgeInSeconds).toBeGreaterThanOrEqual(60);
    }
  });

  test("tries nothing again that one function hands another, lets nobody else invoke, and alarms where that one fails", () => {
    const invoked = ofType("AWS::Lambda::EventInvokeConfig").map(({ Properties }) => Properties);
    expect(invoked.length).toBeGreaterThan(0);
    for (const { MaximumRetryAttempts, MaximumEventAgeInSeconds } of invoked)
      expect([MaximumRetryAttempts, MaximumEventAgeInSeconds]).toEqual([0, 60]);
    const ids = invoked.map(({ FunctionName }) => FunctionName.Ref).sort();
    const allowed = ofType("AWS::IAM::Policy")
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => [Action].flat().includes("lambda:InvokeFunction"))
      .flatMap(({ Resource }) => [Resource].flat())
      .flatMap((resource) => resource["Fn::GetAtt"]?.[0] ?? []);
    expect(allowed.filter((id) => ids.includes(id)).sort()).toEqual(ids);
    const alarmed = ofType("AWS::CloudWatch::Alarm").filter(
      ({ Properties }) => Properties.MetricName === "Errors" && Properties.Namespace === "AWS/Lambda",
    );
    for (const id of ids)
      expect(alarmed.map(({ Properties }) => Properties.Dimensions[0].Value.Ref)).toContain(id);
  });

  test("has no alarm that cannot fire or that nobody hears", () => {
    const alarms = ofType("AWS::CloudWatch::Alarm");
    expect(alarms.length).toBeGreaterThan(0);
    for (const { Properties } of alarms) {
      const metrics = Properties.Metrics?.flatMap((query: { MetricStat?: { Metric: object } }) =>
        query.MetricStat ? [query.MetricStat.Metric] : [],
      ) ?? [Properties];
      expect(metrics.length).toBeGreaterThan(0);
      for (const metric of metrics) {
        expect(metric.Dimensions.length).toBeGreaterThan(0);
        for (const { Value } of metric.Dimensions) expect(Value).toBeTruthy();
      }
      const [told, ...called] = Properties.AlarmActions;
      expect(JSON.stringify(told)).toContain("AlarmsTopic");
      expect(Properties.OKActions).toEqual([told]);
      for (const each of called)
        expect(each).toEqual({ "Fn::GetAtt": [expect.stringMatching(/^(Guard|Learning\w+Retrain)/), "Arn"] });
      expect(called.length).toBeLessThanOrEqual(1);
      expect(Properties.AlarmDescription).toBeTruthy();
    }
  });

  test("encrypts every table, stream, bucket and topic", () => {
    for (const { Properties } of ofType("AWS::DynamoDB::Table")) {
      expect(Properties.SSESpecification).toMatchObject({ SSEEnabled: true });
    }
    for (const { Properties } of ofType("AWS::Kinesis::Stream")) {
      expect(Properties.StreamEncryption).toMatchObject({ EncryptionType: "KMS" });
    }
    for (const { Properties } of ofType("AWS::S3::Bucket")) {
      const [rule] = Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe("AES256");
    }
    for (const { Properties } of ofType("AWS::SNS::Topic")) expect(Properties.KmsMasterKeyId).toBeDefined();
  });

  test("opens no bucket to the public or without TLS, and lets none grow for ever with abandoned uploads", () => {
    const policies = ofType("AWS::S3::BucketPolicy").map(({ Properties }) => Properties);
    for (const [id, { Type, Properties }] of all) {
      if (Type !== "AWS::S3::Bucket") continue;
      expect(Properties.PublicAccessBlockConfiguration).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      const policy = policies.find(({ Bucket }) => Bucket.Ref === id.replace(/^.*\//, ""));
      expect(policy?.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Action: "s3:*",
          Principal: { AWS: "*" },
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
      expect(Properties.LifecycleConfiguration.Rules).toContainEqual(
        expect.objectContaining({
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
          Status: "Enabled",
        }),
      );
    }
  });

  test("allows no role an action or a resource of *, or a managed policy", () => {
    for (const [id, { Type, Properties }] of all) {
      if (Type !== "AWS::IAM::Policy") continue;
      const delivers = /^learning\/Learning\w+MachineRole/.test(id);
      for (const { Action, Resource } of Properties.PolicyDocument.Statement) {
        for (const action of [Action].flat()) expect(action).not.toContain("*");
        // Delivery of a service's logs knows no resources.
        if (
          delivers &&
          [Action].flat().every((each) => /^logs:\w*(LogDeliver|Resource|LogGroups)/.test(each))
        )
          continue;
        expect([Resource].flat()).not.toContain("*");
      }
    }
    const roles = all.filter(([, { Type }]) => Type === "AWS::IAM::Role");
    for (const [id, { Properties }] of roles) {
      // The account's one logging role for its APIs, whose policy API Gateway prescribes.
      const isPrescribed = /^serving\/ApiCloudWatchRole/.test(id);
      expect(Object.keys(Properties)).toEqual([
        "AssumeRolePolicyDocument",
        ...(isPrescribed ? ["ManagedPolicyArns"] : []),
      ]);
    }
  });

  test("uses only resources that local clouds deploy", () => {
    const refused = [...resources.values()].filter(({ Type }) =>
      /MetricFilter|CompositeAlarm|CustomResource|^Custom::/.test(Type),
    );
    expect(refused).toEqual([]);
  });
});
