import { Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { describe, expect, test } from "vitest";
import { createHeadraceApp } from "../../infra/headrace-app.ts";
import { fakeBuild, makeFolder, synthesise } from "./synthesise.ts";

const trainer = {
  image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/trainer:1",
  instanceType: "ml.m5.xlarge",
};
const models = {
  "flight-delay": { learning: {} },
  dense: {
    architecture: "x86_64",
    learning: { trainer, onAccuracy: { loss: "LogLoss", threshold: 0.7 } },
  },
};

const stages = ["dev", "prod"];
const ways = [
  { auth: "apiKey" },
  { auth: "iam" },
  { corsOrigins: ["https://example.com"] },
  { enabled: false },
];
const cases = stages.flatMap((stage) => ways.map((api) => [stage, api] as const));

describe.each(cases)("cdk-nag's AwsSolutions rules in %s with the API %o", (stage, api) => {
  const { app } = synthesise({ stage, models, api });

  test("find nothing that was not acknowledged", () => {
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations).toEqual([]);
  });

  test("are acknowledged with a reason, only where it is known which", () => {
    const acknowledged = app.node.findAll().flatMap(acknowledgements);
    const rules = new Set(
      acknowledged.map(([rule]) => rule.replace(/^Annotation::/i, "").replace(/\[.*/, "")),
    );
    const isOn = api.enabled !== false;
    const expected = [
      ...(isOn ? ["AwsSolutions-APIG3", "AwsSolutions-COG4", "AwsSolutions-IAM4"] : []),
      // A signature is an authorisation that the rule knows.
      ...(isOn && api.auth !== "iam" ? ["AwsSolutions-APIG4"] : []),
      // In prod, of the cache alone.
      "AwsSolutions-DDB3",
      "AwsSolutions-IAM5",
      "AwsSolutions-SF2",
      "AwsSolutions-SQS3",
    ];
    expect([...rules].sort()).toEqual(expected.sort());
    for (const [, reason] of acknowledged) expect(reason.length).toBeGreaterThan(20);
  });
});

test("a violation stops synthesis", () => {
  const { app, state } = createHeadraceApp({ outdir: makeFolder(), context: { build: fakeBuild } });
  new Bucket(state, "Careless");
  expect(() => app.synth()).toThrow(/server access logs disabled/);
});

function acknowledgements({ node }: IConstruct): [rule: string, reason: string][] {
  return node.metadata
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
}
