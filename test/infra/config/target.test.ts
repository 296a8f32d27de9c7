import { App, CfnResource, Stack } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { architectureFor, crossStackReferences, refuseUnsupported } from "../../../infra/config/target.ts";
import { makeFolder } from "../synthesise.ts";

/** How many errors the gate finds in a stack with one resource of this type. */
function errorsOf(target: "aws" | "local", type: string): number {
  const stack = new Stack(new App({ outdir: makeFolder() }), "Stack");
  new CfnResource(stack, "Resource", { type });
  refuseUnsupported(stack, target);
  return stack.node.validate().filter((message) => message.includes(`Stack/Resource: got ${type}`)).length;
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
