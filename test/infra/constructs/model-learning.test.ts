import { describe, expect, test } from "vitest";
import {
  assembleEnv,
  evaluateEnv,
  retrainEnv,
  rolloutEnv,
  runtimeEnv,
  trainEnv,
} from "../../../functions/contract/env.ts";
import { readable, type Statement } from "../readable-statement.ts";
import { type Resource, synthesise } from "../synthesise.ts";

const trainer = {
  image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/trainer:1",
  instanceType: "ml.m5.xlarge",
};
const built = synthesise({ models: { trees: { learning: {} }, dense: {} } });
const elsewhere = synthesise({
  models: {
    trees: {
      learning: {
        ...{ trainer, onDrift: false, schedule: "rate(14 days)", flexibleMinutes: 0 },
        onAccuracy: { loss: "Brier", threshold: 0.2, hours: 12 },
      },
    },
  },
});

describe("a model's retraining", () => {
  test("is not there unless a model has it on", () => {
    expect(synthesise({ models: { trees: {} } }).learning).toBeUndefined();
    expect([...built.learning!.models.keys()]).toEqual(["trees"]);
  });

  test.each([
    ["StepsAssemble", assembleEnv, 1769, 900],
    ["StepsTrain", trainEnv, 3008, 900],
    ["StepsEvaluate", evaluateEnv, 1769, 900],
    ["StepsRollout", rolloutEnv, 1769, 900],
    ["Retrain", retrainEnv, 256, 60],
  ] as const)("has %s with what its contract names", (id, schema, MemorySize, Timeout) => {
    const [fn] = of(built, "AWS::Lambda::Function", `${id}Function`);
    expect(fn!.Properties).toMatchObject({ MemorySize, Timeout });
    const expected = [...Object.keys(schema.shape), ...Object.keys(runtimeEnv)];
    expect(Object.keys(fn!.Properties.Environment.Variables).sort()).toEqual(expected.sort());
  });

  test.each([
    [
      "StepsTrain",
      ["s3:GetObject s3:PutObject on Data/learning/trees/*", "s3:ListBucket on Data where learning/trees/*"],
    ],
    [
      "StepsEvaluate",
      [
        "s3:GetObject on Data/learning/trees/* Models/keys/trees Models/models/trees/*",
        "s3:ListBucket on Models where models/trees/* keys/trees",
        "s3:PutObject on Data/learning/trees/*",
        "s3:ListBucket on Data where learning/trees/*",
      ],
    ],
    [
      "Retrain",
      [
        "dynamodb:GetItem dynamodb:PutItem on Sketches where trees#learning",
        "states:StartExecution on Machine",
        "states:DescribeExecution on execution of Machine",
      ],
    ],
  ])("lets %s do its step and nothing else", (id, expected) => {
    const [policy] = of(built, "AWS::IAM::Policy", `${id}RoleDefaultPolicy`);
    const [logs, ...others] = policy!.Properties.PolicyDocument.Statement.map(readableHere);
    expect(logs).toMatch(/^logs:CreateLogStream logs:PutLogEvents on \w+$/);
    expect(others).toEqual(expected);
  });

  test("lets only its rollout publish, move aliases and tell people", () => {
    const allowed = built.ofType("AWS::IAM::Policy");
    const who = (action: string, pattern: RegExp) =>
      [...built.resources].flatMap(([id, { Type, Properties }]) =>
        Type === "AWS::IAM::Policy" &&
        id.startsWith("learning/") &&
        Properties.PolicyDocument.Statement.some(
          (each: Statement) => [each.Action].flat().includes(action) && pattern.test(JSON.stringify(each)),
        )
          ? [/Steps(\w+?)Role|Retrain/.exec(id)![1] ?? "Retrain"]
          : [],
      );
    expect(allowed.length).toBeGreaterThan(5);
    expect(who("s3:PutObject", /models\/trees/)).toEqual(["Rollout"]);
    expect(who("dynamodb:PutItem", /Ledger/)).toEqual(["Rollout"]);
    expect(who("sns:Publish", /Alarms/)).toEqual(["Rollout"]);
    expect(who("s3:GetObject", /examples\/trees/)).toEqual(["Assemble", "Rollout"]);
    expect(who("s3:GetObject", /early\/trees/)).toEqual(["Assemble"]);
  });

  test("has a state machine that logs everything and calls its functions alone", () => {
    const [machine] = of(built, "AWS::StepFunctions::StateMachine", "Machine");
    expect(machine!.Properties.LoggingConfiguration).toMatchObject({ Level: "ALL" });
    expect(JSON.stringify(machine!.Properties.DefinitionString)).not.toContain("sagemaker");
    const [policy] = of(built, "AWS::IAM::Policy", "MachineRoleDefaultPolicy");
    const invoke = policy!.Properties.PolicyDocument.Statement.find(
      ({ Action }: Statement) => Action === "lambda:InvokeFunction",
    );
    expect(invoke.Resource).toHaveLength(4);
  });

  test("is started by its schedule, which says so, and by the alarm on drift", () => {
    const [schedule] = of(built, "AWS::Scheduler::Schedule", "RetrainSchedule");
    expect(schedule!.Properties).toMatchObject({
      ...{ ScheduleExpression: "cron(0 4 1,15 * ? *)", ScheduleExpressionTimezone: "UTC" },
      FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 60 },
    });
    expect(JSON.parse(schedule!.Properties.Target.Input)).toMatchObject({ reason: "schedule" });
    expect(alarmsOf(built)).toEqual([
      "DriftAlarm Maximum >= 1 of 600 s, acts",
      "Errors Sum >= 1 of 300 s",
      "ExecutionsFailed Sum >= 1 of 300 s",
      "ExecutionsTimedOut Sum >= 1 of 300 s",
    ]);
  });

  test("has an alarm on accuracy, none on drift, and a rate at once, where settings say so", () => {
    const [schedule] = of(elsewhere, "AWS::Scheduler::Schedule", "RetrainSchedule");
    expect(schedule!.Properties).toMatchObject({
      ...{ ScheduleExpression: "rate(14 days)", FlexibleTimeWindow: { Mode: "OFF" } },
    });
    expect(alarmsOf(elsewhere)[0]).toBe("Brier Average >= 0.2 of 43200 s, acts");
    expect(alarmsOf(elsewhere)).toHaveLength(4);
  });

  test("starts a job of SageMaker in place of the train function where an image is named", () => {
    expect(of(elsewhere, "AWS::Lambda::Function", "StepsTrainFunction")).toEqual([]);
    const [machine] = of(elsewhere, "AWS::StepFunctions::StateMachine", "Machine");
    const text = JSON.stringify(machine!.Properties.DefinitionString);
    expect(text).toContain(":states:::sagemaker:createTrainingJob.sync");
    expect(text).toContain(trainer.image);
    const [policy] = of(elsewhere, "AWS::IAM::Policy", "JobRoleDefaultPolicy");
    const statements = policy!.Properties.PolicyDocument.Statement.map(({ Action, Resource }: Statement) =>
      JSON.stringify({ Action, Resource }),
    );
    for (const each of statements.filter((text: string) => text.includes("s3:GetObject")))
      expect(each).toContain("/learning/trees/*");
  });
});

function of({ resources }: typeof built, type: string, id: string): Resource[] {
  return [...resources].flatMap(([key, resource]) =>
    resource.Type === type && key.startsWith(`learning/Learningtrees${id}`) ? [resource] : [],
  );
}

function alarmsOf(synthesis: typeof built): string[] {
  return [...synthesis.resources]
    .flatMap(([id, { Type, Properties }]) =>
      Type === "AWS::CloudWatch::Alarm" && id.startsWith("learning/")
        ? [
            `${Properties.MetricName} ${Properties.Statistic} >= ${Properties.Threshold} of ${Properties.Period} s${Properties.AlarmActions.length > 1 ? ", acts" : ""}`,
          ]
        : [],
    )
    .sort();
}

function readableHere(statement: Statement): string {
  return readable(statement)
    .replace(/arn:\S*execution:\S*/g, "execution of Machine")
    .replace(/\bLearningtrees(\w+?)[0-9A-F]{8}\b/g, "$1");
}
