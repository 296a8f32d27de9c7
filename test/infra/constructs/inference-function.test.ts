import { App, Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { expect, test } from "vitest";
import { functionCode, runtimeLayerCode } from "../../../infra/constructs/build-output.ts";
import { InferenceFunction } from "../../../infra/constructs/inference-function.ts";
import { fakeBuild, makeFolder } from "../synthesise.ts";

function templateWith(overrides: Partial<lambda.FunctionProps>): Template {
  const stack = new Stack(new App({ outdir: makeFolder() }), "Stack");
  new InferenceFunction(stack, "Inference", {
    code: functionCode(fakeBuild, "stream"),
    runtimeLayer: new lambda.LayerVersion(stack, "Layer", { code: runtimeLayerCode(fakeBuild, "arm64") }),
    architecture: "arm64",
    settings: { memoryMiB: 256, timeoutSeconds: 10 },
    logRetentionDays: 7,
    environment: { OWN: "1" },
    overrides,
  });
  return Template.fromStack(stack);
}

test("what the caller says wins over the defaults, and the environments are merged", () => {
  templateWith({ timeout: Duration.seconds(99), environment: { MORE: "2" } }).hasResourceProperties(
    "AWS::Lambda::Function",
    {
      Timeout: 99,
      MemorySize: 256,
      Environment: {
        Variables: { OWN: "1", MORE: "2", ORT_DISABLE_TELEMETRY: "1" },
      },
    },
  );
});

test.each(["OWN", "ORT_DISABLE_TELEMETRY"])(
  "a second %s is refused: one of them would silently win",
  (key) => {
    expect(() => templateWith({ environment: { [key]: "other" } })).toThrow(
      `environment variable ${key}: got it twice, expected it once`,
    );
  },
);
