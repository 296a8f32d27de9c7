import { Annotations, Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { type Synthesis, synthesise } from "../synthesise.ts";

const models = { "flight-delay": {}, dense: { architecture: "x86_64", predict: { memoryMiB: 512 } } };
const aws = synthesise({ models });
const local = synthesise({ models, target: "local" });

describe("a model's dashboard", () => {
  test("is its own, and shows every metric of it and none of another's", () => {
    const dashboards = dashboardsOf(aws);
    expect([...dashboards.keys()].sort()).toEqual(["dense", "flightdelay"]);
    for (const [id, other] of [
      ["flightdelay", "dense"],
      ["dense", "flight-delay"],
    ] as const) {
      const body = dashboards.get(id)!;
      const model = id === "dense" ? "dense" : "flight-delay";
      for (const name of ownMetrics)
        expect(body).toContain(`"Headrace","${name}","Model","${model}","Stage","dev"`);
      // Shared costs are borne by share of all predictions, so those of the other model are there, out of sight.
      const others = body.match(new RegExp(`"Headrace","\\w+","Model","${other}"`, "g"));
      expect(new Set(others)).toEqual(new Set([`"Headrace","Predictions","Model","${other}"`]));
    }
  });

  test("sets challenger and shadow against the champion by what the outcomes say of each", () => {
    const body = dashboardsOf(aws).get("dense")!;
    for (const loss of ["Brier", "LogLoss", "SquaredError"])
      for (const role of ["challenger", "shadow"])
        expect(body).toContain(`"Headrace","${loss}","Model","dense","Role","${role}","Stage","dev"`);
  });

  test("shows the memory of each function", () => {
    const count = (synthesis: Synthesis) =>
      dashboardsOf(synthesis).get("dense")!.split('"Headrace","MemoryUsedRatio","Function"').length - 1;
    expect(count(aws)).toBe(3);
    expect(count(synthesise({ models, api: { enabled: false } }))).toBe(1);
  });

  test("shows functions, event source and routes", () => {
    const body = dashboardsOf(aws).get("dense")!;
    for (const metric of ["Invocations", "Errors", "Throttles", "Duration"])
      expect(body.split(`"AWS/Lambda","${metric}"`).length).toBeGreaterThan(2);
    for (const metric of ["IteratorAge", "OnFailureDestinationDeliveredEventCount", "DroppedEventCount"])
      expect(body).toContain(`"AWS/Lambda","${metric}"`);
    for (const metric of ["Count", "4XXError", "5XXError", "Latency"]) {
      for (const path of ["/v2/models/dense/infer", "/models/dense/predict"]) {
        expect(body).toContain(
          `"AWS/ApiGateway","${metric}","ApiName","headrace-dev","Method","POST","Resource","${path}","Stage","dev"`,
        );
      }
    }
  });

  test("finds the codes of rejected events when they come", () => {
    expect(dashboardsOf(aws).get("dense")).toContain(
      `SEARCH('{Headrace,Model,Reason,Stage} MetricName="RejectedByReason" Stage="dev" Model="dense"', 'Sum', 60)`,
    );
  });

  test("reckons the cost by memory and architecture of each function", () => {
    const body = dashboardsOf(aws).get("dense")!;
    // 1,769 MiB and 512 MiB at 16.6667 USD per million GiB-s, per ms.
    expect(body).toMatch(/FILL\(own0, 0\) \* 0\.028792375 .*FILL\(own4, 0\) \* 0\.00833335 /);
    const arm = dashboardsOf(aws).get("flightdelay")!;
    expect(arm).toMatch(/FILL\(own0, 0\) \* 0\.023033969 /);
  });

  test("adds what DynamoDB charged for this model's tiles and sketches", () => {
    // 0.125 and 0.625 USD per million units.
    expect(dashboardsOf(aws).get("dense")).toMatch(/FILL\(own2, 0\) \* 0\.125 \+ FILL\(own3, 0\) \* 0\.625 /);
  });

  test("shows the archive, which is no one model's", () => {
    for (const body of dashboardsOf(aws).values()) {
      for (const name of ["ArchivedEvents", "WithheldEvents", "ArchiveRetried"])
        expect(body).toContain(`"Headrace","${name}","Stage","dev"`);
    }
  });

  test("shows how posting outcomes fares", () => {
    for (const metric of ["Count", "4XXError", "5XXError"]) {
      expect(dashboardsOf(aws).get("dense")).toContain(
        `"AWS/ApiGateway","${metric}","ApiName","headrace-dev","Method","POST","Resource","/models/dense/outcomes","Stage","dev"`,
      );
    }
  });

  test("does without what is switched off", () => {
    const off = synthesise({ models, api: { enabled: false }, archive: { enabled: false } });
    expect(dashboardsOf(off).get("dense")).not.toContain("AWS/ApiGateway");
    expect(dashboardsOf(off).get("dense")).not.toMatch(/Archive/i);
  });

  test("draws no warning", () => {
    expect(Annotations.fromStack(aws.observability).findWarning("*", Match.anyValue())).toEqual([]);
  });
});

describe("the observability stack", () => {
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

describe("the budget", () => {
  const monthlyUsd = 50;

  test("is not there unless asked for", () => {
    expect(aws.ofType("AWS::Budgets::Budget")).toEqual([]);
  });

  test("tells the alarm topic, which then takes its messages", () => {
    const set = synthesise({ budget: { monthlyUsd } });
    const [budget] = set.ofType("AWS::Budgets::Budget");
    expect(budget!.Properties.Budget).toEqual({
      BudgetType: "COST",
      TimeUnit: "MONTHLY",
      BudgetLimit: { Amount: 50, Unit: "USD" },
    });
    const notifications = budget!.Properties.NotificationsWithSubscribers;
    expect(notifications.map((each: { Notification: object }) => each.Notification)).toEqual(
      ["ACTUAL", "FORECASTED"].map((NotificationType) => ({
        NotificationType,
        ComparisonOperator: "GREATER_THAN",
        Threshold: 100,
        ThresholdType: "PERCENTAGE",
      })),
    );
    for (const { Subscribers } of notifications)
      expect(Subscribers).toEqual([{ SubscriptionType: "SNS", Address: expect.anything() }]);
    for (const type of ["AWS::SNS::TopicPolicy", "AWS::KMS::Key"]) {
      expect(JSON.stringify(set.ofType(type))).toContain("budgets.amazonaws.com");
      expect(JSON.stringify(aws.ofType(type))).not.toContain("budgets.amazonaws.com");
    }
  });

  test("tells people by e-mail instead, and then the topic is closed to it", () => {
    const set = synthesise({ budget: { monthlyUsd, emails: ["ops@example.com"] } });
    expect(
      set.ofType("AWS::Budgets::Budget")[0]!.Properties.NotificationsWithSubscribers[0].Subscribers,
    ).toEqual([{ SubscriptionType: "EMAIL", Address: "ops@example.com" }]);
    expect(JSON.stringify(set.ofType("AWS::SNS::TopicPolicy"))).not.toContain("budgets");
  });

  test("is never there locally", () => {
    expect(synthesise({ budget: { monthlyUsd }, target: "local" }).ofType("AWS::Budgets::Budget")).toEqual(
      [],
    );
  });

  test("needs an amount above nothing, and addresses that are some", () => {
    for (const budget of [{ monthlyUsd: 0 }, {}, { monthlyUsd, emails: ["nobody"] }])
      expect(() => synthesise({ budget })).toThrow(/budget\./);
  });
});

const ownMetrics = [
  ...["Events", "Predictions", "Skipped", "Rejected", "Retried", "DependencyErrors", "ModelErrors"],
  ...["QueueMs", "DecodeMs", "CacheMs", "RunDurationMs", "WriteMs"],
  ...["BatchDurationMs", "ColdBatchDurationMs", "RequestDurationMs", "ColdRequestDurationMs"],
  ...["CacheHits", "CacheMisses", "CacheErrors", "CacheMismatch", "CacheShared"],
  ...["RowCostUs", "CacheKeyCostUs", "StateMs", "StateReadUnits", "StateWriteUnits"],
  ...["OutcomesJoined", "OutcomesEarly", "OutcomesRepeated", "OutcomesConflicting", "OutcomesLate"],
  ...["LogLoss", "Brier", "SquaredError", "LateEvents", "Redelivered"],
  ...["ChallengerAnswers", "ChallengerErrors", "ChallengerStopped", "AliasErrors", "SketchErrors"],
  ...["ShadowScored", "ShadowDropped", "DriftedFeatures", "DriftAlarm", "PredictionDrift"],
  ...["EstimatedBrier", "EstimatedLogLoss"],
];

/** Bodies as text by the model's part of the logical id. */
function dashboardsOf({ resources }: Synthesis): Map<string, string> {
  return new Map(
    [...resources].flatMap(([id, { Type, Properties }]) => {
      if (Type !== "AWS::CloudWatch::Dashboard") return [];
      const body = JSON.stringify(Properties.DashboardBody).replaceAll("\\", "");
      return [[id.replace(/^observability\/Dashboard([a-z]+).*$/, "$1"), body]];
    }),
  );
}
