import { describe, expect, test } from "vitest";
import { synthesise } from "../synthesise.ts";

const models = { "flight-delay": {}, dense: {} };
const aws = synthesise({ models });
const local = synthesise({ models, target: "local" });

describe("the observability stack", () => {
  test("shows every metric of every model on one dashboard", () => {
    aws.observabilityTemplate.resourceCountIs("AWS::CloudWatch::Dashboard", 1);
    const [dashboard] = aws.ofType("AWS::CloudWatch::Dashboard");
    const body = JSON.stringify(dashboard!.Properties.DashboardBody).replaceAll("\\", "");
    const own = [
      "Events",
      "Predictions",
      "Skipped",
      "Rejected",
      "Retried",
      "DependencyErrors",
      "ModelErrors",
    ];
    for (const model of Object.keys(models)) {
      for (const metric of [...own, "BatchDurationMs", "RunDurationMs"]) {
        expect(body).toMatch(new RegExp(`"Headrace","${metric}","Model","${model}","Stage","dev"`));
      }
    }
    for (const metric of [
      "IteratorAge",
      "Errors",
      "Throttles",
      "Duration",
      "OnFailureDestinationDeliveredEventCount",
    ]) {
      expect(body.split(`"AWS/Lambda","${metric}"`)).toHaveLength(1 + Object.keys(models).length);
    }
  });

  test("says which topic to subscribe to", () => {
    aws.observabilityTemplate.hasOutput("AlarmTopicArn", {});
  });

  test("in AWS never holds on to what it shows: a model can be removed", () => {
    expect(JSON.stringify(aws.observabilityTemplate.toJSON())).not.toContain("Fn::ImportValue");
  });

  test("locally uses nothing that local clouds lack", () => {
    expect(JSON.stringify(local.observabilityTemplate.toJSON())).not.toContain("Fn::GetStackOutput");
  });
});
