import { Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { describe, expect, test } from "vitest";
import { createHeadraceApp } from "../../infra/headrace-app.ts";
import { fakeBuild, makeFolder, synthesise } from "./synthesise.ts";

const models = { "flight-delay": {}, dense: { architecture: "x86_64" } };

describe.each(["dev", "prod"])("cdk-nag's AwsSolutions rules in %s", (stage) => {
  const { app } = synthesise({ stage, models });

  test("find nothing that was not acknowledged", () => {
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations).toEqual([]);
  });

  test("are acknowledged with a reason, only where it is known which", () => {
    const acknowledged = app.node.findAll().flatMap(acknowledgements);
    const rules = new Set(
      acknowledged.map(([rule]) => rule.replace(/^Annotation::/i, "").replace(/\[.*/, "")),
    );
    expect([...rules].sort()).toEqual(
      stage === "dev" ? ["AwsSolutions-DDB3", "AwsSolutions-IAM5"] : ["AwsSolutions-IAM5"],
    );
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
