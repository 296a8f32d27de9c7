import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { CURRENTLY_RECOMMENDED_FLAGS } from "aws-cdk-lib/cx-api";
import { describe, expect, test } from "vitest";
import { stateOutputs } from "../../../functions/contract/stack-outputs.ts";
import { type StageInput, stageConfig } from "../../../infra/config/stage-config.ts";
import { StateStack } from "../../../infra/stacks/state-stack.ts";
import { makeFolder, type Resource, synthesise } from "../synthesise.ts";

const dev = synthesise();
const prod = synthesise({ stage: "prod" });

describe("the state stack", () => {
  test("is named by its stage and publishes exactly the outputs of the contract", () => {
    expect(dev.state.stackName).toBe("Headrace-dev-State");
    const outputs = Object.keys(dev.stateTemplate.toJSON().Outputs);
    // CDK adds outputs of its own for references between stacks.
    const ours = outputs.filter((key) => !/^(Exports|Publish)Output/.test(key));
    expect(ours.sort()).toEqual(Object.keys(stateOutputs.shape).sort());
  });

  test("has a ledger of one item per model and revision", () => {
    dev.stateTemplate.hasResourceProperties("AWS::DynamoDB::Table", {
      KeySchema: [
        { AttributeName: "model", KeyType: "HASH" },
        { AttributeName: "revision", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "model", AttributeType: "S" },
        { AttributeName: "revision", AttributeType: "N" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: Match.absent(),
    });
  });

  test("has tables of predictions, tiles and sketches that forget by expiresAt", () => {
    const tables = [...dev.resources].filter(
      ([, { Type, Properties }]) =>
        Type === "AWS::DynamoDB::Table" && Properties.KeySchema[0].AttributeName === "pk",
    );
    expect(tables.map(([id]) => id.replace(/[0-9A-F]{8}$/, ""))).toEqual([
      "state/PredictionLogPredictions",
      "state/FeatureStateTiles",
      "state/FeatureStateSketches",
    ]);
    for (const [, { Properties }] of tables) {
      expect(Properties).toMatchObject({
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
      });
    }
  });

  test("has a cache of results that forgets by expiresAt, and that no stage keeps", () => {
    for (const { stateTemplate } of [dev, prod]) {
      stateTemplate.hasResource("AWS::DynamoDB::Table", {
        Properties: {
          KeySchema: [{ AttributeName: "key", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "key", AttributeType: "S" }],
          BillingMode: "PAY_PER_REQUEST",
          TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
          DeletionProtectionEnabled: false,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        },
        DeletionPolicy: "Delete",
      });
    }
  });

  test("keeps nothing of dev and everything of prod but the cache", () => {
    const stateful = ["AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::S3::Bucket"];
    const policies = (of: typeof dev) =>
      new Set(
        stateful
          .flatMap((type) => of.ofType(type))
          .filter((resource) => !isCache(resource))
          .map(({ DeletionPolicy }) => DeletionPolicy),
      );
    expect(policies(dev)).toEqual(new Set(["Delete"]));
    expect(policies(prod)).toEqual(new Set(["Retain"]));
    expect([dev.state.terminationProtection, prod.state.terminationProtection]).toEqual([false, true]);
  });

  test.each([
    ["dev", dev, false],
    ["prod", prod, true],
  ])(
    "the tables of %s can be restored and refuse deletion only where it is durable",
    (_stage, { ofType }, durable) => {
      const tables = ofType("AWS::DynamoDB::Table").filter((table) => !isCache(table));
      expect(tables).toHaveLength(4);
      for (const { Properties } of tables) {
        expect(Properties.DeletionProtectionEnabled).toBe(durable);
        expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: durable });
      }
    },
  );

  test("streams are on demand and keep a day, unless the stage says otherwise", () => {
    for (const { Properties } of dev.ofType("AWS::Kinesis::Stream")) {
      expect(Properties).toMatchObject({
        StreamModeDetails: { StreamMode: "ON_DEMAND" },
        RetentionPeriodHours: 24,
      });
      expect(Properties.ShardCount).toBeUndefined();
    }
  });

  test("only the models bucket is versioned, and overwritten objects go after 90 days", () => {
    const versioned = dev
      .ofType("AWS::S3::Bucket")
      .filter(({ Properties }) => Properties.VersioningConfiguration);
    expect(versioned).toHaveLength(1);
    expect(versioned[0]!.Properties.LifecycleConfiguration.Rules).toContainEqual({
      Id: "Overwritten",
      NoncurrentVersionExpiration: { NoncurrentDays: 90 },
      Status: "Enabled",
    });
  });

  test.each([
    ["rejects/", "Rejects", 90],
    ["aws/lambda/", "Parked", 90],
    ["archive/", "Archive", 400],
    ["examples/", "Examples", 400],
    ["early/", "Early", 400],
  ])("what lies under %s goes by the rule %s after %i days", (Prefix, Id, ExpirationInDays) => {
    dev.stateTemplate.hasResourceProperties("AWS::S3::Bucket", {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([{ Id, Prefix, ExpirationInDays, Status: "Enabled" }]),
      },
    });
  });
});

test("a receipt of redriving is kept as long as any original that it speaks of", () => {
  const keptDays = (settings: Partial<StageInput>) => daysOf("redriven/", settings);
  expect(keptDays({ rejectedDays: 7, parkedDays: 30 })).toBe(30);
  expect(keptDays({ rejectedDays: 31, parkedDays: 30 })).toBe(31);
});

test("the archive is kept as long as it says, switched on or off, and what is trained on as long as that says", () => {
  for (const enabled of [true, false])
    expect(daysOf("archive/", { archive: { enabled, retentionDays: 7 } })).toBe(7);
  for (const prefix of ["examples/", "early/"]) expect(daysOf(prefix, { exampleDays: 8 })).toBe(8);
});

/** Days that what lies under a prefix is kept in a stage of these settings. */
function daysOf(prefix: string, settings: Partial<StageInput>): number {
  const config = stageConfig.parse({ durable: false, models: { m: {} }, ...settings });
  const app = new App({ outdir: makeFolder(), context: CURRENTLY_RECOMMENDED_FLAGS });
  const template = Template.fromStack(new StateStack(app, "State", { config }));
  const rules = Object.values(template.findResources("AWS::S3::Bucket")).flatMap(
    ({ Properties }) => Properties.LifecycleConfiguration.Rules,
  );
  return rules.find(({ Prefix }) => Prefix === prefix).ExpirationInDays;
}

describe("the alarm topic", () => {
  test("is encrypted with a key of the account's own, which CloudWatch may use", () => {
    const [topic] = dev.ofType("AWS::SNS::Topic");
    expect(topic!.Properties.KmsMasterKeyId).toEqual({
      "Fn::GetAtt": [expect.stringMatching(/^AlarmsKey/), "Arn"],
    });
    dev.stateTemplate.hasResourceProperties("AWS::KMS::Key", {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          {
            Sid: "AlarmsEncrypt",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
          },
        ]),
      },
    });
  });

  test("lets this account's alarms publish, since a policy of one's own replaces the default that did", () => {
    dev.stateTemplate.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: "AlarmsPublish",
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          }),
        ]),
      },
    });
  });
});

function isCache({ Properties }: Resource): boolean {
  return Properties.KeySchema?.[0].AttributeName === "key";
}
