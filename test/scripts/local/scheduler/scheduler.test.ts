import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AwsError } from "../../../../scripts/local/aws-error.ts";
import { Activity } from "../../../../scripts/local/clock/activity.ts";
import { VirtualClock } from "../../../../scripts/local/clock/virtual-clock.ts";
import { MetricStore } from "../../../../scripts/local/metrics/metric-store.ts";
import { scheduleSettings } from "../../../../scripts/local/scheduler/schedule.ts";
import { Scheduler } from "../../../../scripts/local/scheduler/scheduler.ts";

const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:drift";
const machineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:learning";
const queueArn = "arn:aws:sqs:us-east-1:000000000000:parked";
/** Half a minute after a whole hour. */
const startMs = Date.UTC(2026, 0, 1, 12, 0, 30);

let clock: VirtualClock;
let activity: Activity;
let metrics: MetricStore;
let scheduler: Scheduler;
let started: string[];
let parked: { readonly queue: string; readonly body: string; readonly attributes: object }[];
/** Thrown at each start while there are any. */
let failures: AwsError[];

beforeEach(() => {
  clock = new VirtualClock(startMs);
  activity = new Activity();
  metrics = new MetricStore();
  [started, parked, failures] = [[], [], []];
  const start = (arn: string, payload: string) => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    started.push(
      `${new Date(clock.nowMs()).toISOString().slice(11, 19)} ${arn.split(":").at(-1)} ${payload}`,
    );
  };
  scheduler = new Scheduler({
    clock,
    activity,
    metrics,
    targets: {
      invoke: start,
      startExecution: start,
      sendMessage: async (queue, { body, attributes }) => void parked.push({ queue, body, attributes }),
    },
    onLog: () => undefined,
  });
});
afterEach(() => scheduler.close());

function create(name: string, settings: Record<string, unknown>, target: Record<string, unknown> = {}) {
  const Target = { Arn: functionArn, RoleArn: "arn:aws:iam::000000000000:role/r", ...target };
  const all = {
    ScheduleExpression: "rate(5 minutes)",
    FlexibleTimeWindow: { Mode: "OFF" },
    Target,
    ...settings,
  };
  return scheduler.create({ name }, scheduleSettings.parse(all));
}

const advance = (minutes: number) => clock.advanceTo(startMs + minutes * 60_000, () => activity.idle());

describe("a schedule", () => {
  it("of a rate runs at the next whole minute and then at its rate, functions and state machines alike", async () => {
    create("a", {});
    create("b", { ScheduleExpression: "rate(1 hour)" }, { Arn: machineArn, Input: '{"model":"m"}' });
    await advance(11);
    expect(started).toEqual([
      "12:01:00 drift {}",
      '12:01:00 learning {"model":"m"}',
      "12:06:00 drift {}",
      "12:11:00 drift {}",
    ]);
    expect(metrics.sum({ namespace: "AWS/Scheduler", metric: "InvocationAttemptCount" })).toBe(4);
  });

  it("begins at its start, also for a rate, and ends before its end", async () => {
    create("a", { StartDate: "2026-01-01T12:10:00Z", EndDate: "2026-01-01T12:20:00Z" });
    create("b", {
      ScheduleExpression: "cron(* * * * ? *)",
      StartDate: startMs / 1000 + 90,
      EndDate: startMs / 1000 + 150,
    });
    await advance(60);
    expect(started.map((each) => each.slice(0, 8))).toEqual(["12:02:00", "12:10:00", "12:15:00"]);
    expect(clock.nextMs).toBeUndefined();
  });

  it("of a time runs once, and goes when it says so", async () => {
    const once = {
      ScheduleExpression: "at(2026-01-01T13:05:00)",
      ScheduleExpressionTimezone: "Europe/Berlin",
    };
    create("kept", once);
    create("gone", { ...once, ActionAfterCompletion: "DELETE" });
    await advance(120);
    expect(started).toEqual(["12:05:00 drift {}", "12:05:00 drift {}"]);
    expect(scheduler.list().map(({ name }) => name)).toEqual(["kept"]);
  });

  it("that is disabled does not run until it is enabled", async () => {
    const { settings } = create("a", { State: "DISABLED" });
    expect(scheduler.nextMs({ name: "a" })).toBeUndefined();
    await advance(10);
    scheduler.update({ name: "a" }, { ...settings, State: "ENABLED" });
    await advance(12);
    expect(started).toEqual(["12:11:00 drift {}"]);
    scheduler.delete({ name: "a" });
    await advance(60);
    expect(started).toHaveLength(1);
  });

  it("fills in when and which run it is", async () => {
    const Input = JSON.stringify({
      time: "<aws.scheduler.scheduled-time>",
      id: "<aws.scheduler.execution-id>",
      attempt: "<aws.scheduler.attempt-number>",
      schedule: "<aws.scheduler.schedule-arn>",
    });
    create("a", {}, { Input });
    await advance(1);
    expect(JSON.parse(started[0]?.slice("12:01:00 drift ".length) ?? "")).toEqual({
      time: "2026-01-01T12:01:00Z",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      attempt: "1",
      schedule: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/a",
    });
  });
});

describe("a target that cannot be started", () => {
  const throttled = () => new AwsError("TooManyRequestsException", "Rate exceeded.", 429);
  const DeadLetterConfig = { Arn: queueArn };

  it("is tried again after 1, 2 and 4 seconds", async () => {
    failures = [throttled(), throttled(), throttled()];
    create("a", { ScheduleExpression: "at(2026-01-01T12:01:00)" }, { DeadLetterConfig });
    await advance(2);
    expect([started, parked]).toEqual([["12:01:07 drift {}"], []]);
    expect(metrics.sum({ namespace: "AWS/Scheduler", metric: "TargetErrorCount" })).toBe(3);
  });

  it("is parked with the reason when its attempts are used up", async () => {
    failures = Array.from({ length: 9 }, throttled);
    const RetryPolicy = { MaximumRetryAttempts: 2 };
    create(
      "a",
      { ScheduleExpression: "at(2026-01-01T12:01:00)" },
      { DeadLetterConfig, RetryPolicy, Input: '{"a":1}' },
    );
    await advance(60);
    expect([started, failures.length]).toEqual([[], 6]);
    expect(parked).toEqual([
      {
        queue: queueArn,
        body: '{"a":1}',
        attributes: {
          ERROR_CODE: "TooManyRequestsException",
          ERROR_MESSAGE: "Rate exceeded.",
          EXECUTION_ID: expect.any(String),
          EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
          IS_PAYLOAD_TRUNCATED: "false",
          RETRY_ATTEMPTS: "2",
          SCHEDULED_TIME: "2026-01-01T12:01:00Z",
          SCHEDULE_ARN: "arn:aws:scheduler:us-east-1:000000000000:schedule/default/a",
          TARGET_ARN: functionArn,
        },
      },
    ]);
    expect(metrics.sum({ namespace: "AWS/Scheduler", metric: "InvocationDroppedCount" })).toBe(1);
  });

  it("is parked when it is too old, and at once when trying again is of no use", async () => {
    failures = Array.from({ length: 99 }, throttled);
    const RetryPolicy = { MaximumEventAgeInSeconds: 60 };
    create("old", { ScheduleExpression: "at(2026-01-01T12:01:00)" }, { DeadLetterConfig, RetryPolicy });
    await advance(10);
    expect(parked).toMatchObject([{ attributes: { EXHAUSTED_RETRY_CONDITION: "MaximumEventAgeInSeconds" } }]);
    failures = [new AwsError("ResourceNotFoundException", "Function not found", 404)];
    create("gone", { ScheduleExpression: "at(2026-01-01T12:11:00)" }, { DeadLetterConfig });
    await advance(11);
    expect(parked[1]?.attributes).toMatchObject({
      ERROR_CODE: "ResourceNotFoundException",
      RETRY_ATTEMPTS: "0",
    });
    expect(parked[1]?.attributes).not.toHaveProperty("EXHAUSTED_RETRY_CONDITION");
  });
});

describe("schedules and groups", () => {
  it("are told apart by both names, and go together", () => {
    scheduler.createGroup("mine");
    const { settings } = create("a", {});
    scheduler.create({ name: "a", groupName: "mine" }, settings);
    expect(() => create("a", {})).toThrow("exists already");
    expect(() => scheduler.createGroup("mine")).toThrow("exists already");
    expect(() => scheduler.create({ name: "b", groupName: "none" }, settings)).toThrow("Schedule group none");
    scheduler.deleteGroup("mine");
    expect(scheduler.list().map(({ groupName }) => groupName)).toEqual(["default"]);
    expect(() => scheduler.get({ name: "a", groupName: "mine" })).toThrow("does not exist");
  });

  it.each([
    [{ ScheduleExpression: "rate(1 second)" }, "rate: got"],
    [{ ScheduleExpressionTimezone: "Mars/Olympus" }, "Europe/Berlin"],
    [
      { Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn: "r" } },
      "functions and state machines",
    ],
    [
      { Target: { Arn: "arn:aws:scheduler:::aws-sdk:sfn:startExecution", RoleArn: "r" } },
      "functions and state",
    ],
  ])("refuse %j", (wrong, message) => {
    expect(() => create("a", wrong)).toThrow(message);
  });
});
