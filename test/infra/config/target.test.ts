import { App, CfnResource, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { describe, expect, test } from "vitest";
import {
  architectureFor,
  crossStackReferences,
  leaveOutUnsupported,
  refuseUnsupported,
} from "../../../infra/config/target.ts";
import { makeFolder } from "../synthesise.ts";

/** How many errors the gate finds in a stack with one resource of this type. */
function errorsOf(target: "aws" | "local", type: string): number {
  const stack = new Stack(new App({ outdir: makeFolder() }), "Stack");
  new CfnResource(stack, "Resource", { type });
  refuseUnsupported(stack, target);
  return stack.node.validate().filter((message) => message.includes(`Stack/Resource: got ${type}`)).length;
}

/** Names of the alarms that stay of a plain one and one on a ratio. */
function alarmsOf(target: "aws" | "local"): string[] {
  const stack = new Stack(new App({ outdir: makeFolder() }), "Stack");
  const metric = new cloudwatch.Metric({ namespace: "Test", metricName: "Count" });
  const ratio = new cloudwatch.MathExpression({ expression: "a / 2", usingMetrics: { a: metric } });
  for (const [name, each] of Object.entries({ plain: metric, ratio }))
    new cloudwatch.Alarm(stack, name, {
      alarmName: name,
      metric: each,
      threshold: 1,
      evaluationPeriods: 1,
    });
  leaveOutUnsupported(stack, target);
  const alarms = Template.fromStack(stack).findResources("AWS::CloudWatch::Alarm");
  return Object.values(alarms)
    .map(({ Properties }) => Properties.AlarmName)
    .toSorted();
}

describe("a local target", () => {
  test.each([
    "AWS::Logs::MetricFilter",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudFormation::CustomResource",
    "Custom::S3AutoDeleteObjects",
  ])("refuses %s at synthesis, where AWS does not", (type) => {
    expect([errorsOf("local", type), errorsOf("aws", type)]).toEqual([1, 0]);
  });

  test("takes a plain alarm", () => {
    expect(errorsOf("local", "AWS::CloudWatch::Alarm")).toBe(0);
  });

  test("leaves out alarms on metric math, which AWS keeps, and no others", () => {
    expect([alarmsOf("local"), alarmsOf("aws")]).toEqual([["plain"], ["plain", "ratio"]]);
  });

  test("runs functions on the host's architecture, AWS on the configured one", () => {
    const host = process.arch === "arm64" ? "arm64" : "x86_64";
    for (const configured of ["arm64", "x86_64"] as const) {
      expect(architectureFor("local", configured)).toBe(host);
      expect(architectureFor("aws", configured)).toBe(configured);
    }
  });

  test("imports what other stacks export", () => {
    expect([crossStackReferences("local"), crossStackReferences("aws")]).toEqual(["strong", "weak"]);
  });
});
