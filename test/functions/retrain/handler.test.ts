import { beforeEach, describe, expect, it } from "vitest";
import { MemoryLearningStore } from "../../../functions/adapters/memory/memory-learning-store.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import type { LearningRun } from "../../../functions/core/train/loop/learning-record.ts";
import type { RetrainAnswer } from "../../../functions/retrain/retrain.ts";

process.env.AWS_REGION = "us-east-1";
for (const name of ["SKETCHES_TABLE", "STATE_MACHINE"]) process.env[`HEADRACE_${name}`] = "x";
Object.assign(process.env, {
  ...{ HEADRACE_STAGE: "dev", HEADRACE_MODEL: "trees" },
  ...{ HEADRACE_COOL_DOWN_HOURS: "48", HEADRACE_MOST_PER_MONTH: "6" },
});
const { makeHandler } = await import("../../../functions/retrain/handler.ts");

let started: LearningRun[];
let logger: MemoryLogger;
let handle: (event: unknown) => Promise<RetrainAnswer>;

beforeEach(() => {
  [started, logger] = [[], new MemoryLogger()];
  handle = makeHandler({
    ...{ stage: "dev", model: "trees", store: new MemoryLearningStore(), logger },
    workflow: {
      async start(run) {
        if (!started.some(({ execution }) => execution === run.execution)) started.push(run);
      },
      status: async () => "running",
    },
    rules: { coolDownHours: 48, mostPerMonth: 6 },
    now: () => Date.UTC(2001, 1, 1),
  });
});

describe("the retrain function", () => {
  it("starts one execution for two schedules, an alarm and a person at once, and tells the others which", async () => {
    const answers = await Promise.all(
      [
        { reason: "schedule", by: "schedule a" },
        { reason: "schedule", by: "schedule b" },
        alarmOn("DriftAlarm"),
        { reason: "person", by: "ada" },
      ].map(handle),
    );
    expect(started).toHaveLength(1);
    const [{ execution }] = started as [LearningRun];
    expect(answers.filter((answer) => answer.started)).toEqual([{ started: true, execution }]);
    for (const answer of answers) expect(answer.execution).toBe(execution);
    for (const answer of answers.filter((each) => !each.started))
      expect(answer).toMatchObject({ why: expect.stringContaining("is running") });
  });

  it.each([
    ["DriftAlarm", "drift"],
    ["LogLoss", "accuracy"],
    ["SquaredError", "accuracy"],
  ])("takes an alarm on %s for a matter of %s", async (metric, reason) => {
    expect(await handle(alarmOn(metric))).toMatchObject({ started: true });
    expect(started).toMatchObject([{ reason, by: "alarm Headrace-dev-Learning-a" }]);
  });

  it.each([
    ["nothing", {}],
    ["no JSON object", "retrain"],
    ["a reason of its own", { reason: "whim", by: "ada" }],
    ["a drift without an alarm", { reason: "drift", by: "ada" }],
    ["nobody who asks", { reason: "person" }],
    ["an alarm on another metric", alarmOn("Errors")],
    ["an alarm of another model", alarmOn("DriftAlarm", { Model: "dense" })],
    ["an alarm of another stage", alarmOn("DriftAlarm", { Stage: "prod" })],
    ["an alarm that is over", alarmOn("DriftAlarm", {}, "OK")],
  ])("starts nothing for %s, and says so", async (_what, event) => {
    expect(await handle(event)).toMatchObject({ started: false, why: expect.any(String) });
    expect(started).toEqual([]);
    expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });
});

function alarmOn(metric: string, dimensions: object = {}, value = "ALARM") {
  return {
    source: "aws.cloudwatch",
    alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:Headrace-dev-Learning-a",
    alarmData: {
      alarmName: "Headrace-dev-Learning-a",
      state: { value, reason: "Threshold Crossed", timestamp: "2001-02-01T00:00:00.000+0000" },
      configuration: {
        metrics: [
          {
            metricStat: {
              metric: {
                ...{ namespace: "Headrace", name: metric },
                dimensions: { Stage: "dev", Model: "trees", ...dimensions },
              },
            },
          },
        ],
      },
    },
  };
}
