import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Activity } from "../../../../../scripts/local/clock/activity.ts";
import { VirtualClock } from "../../../../../scripts/local/clock/virtual-clock.ts";
import type { AlarmDefinition } from "../../../../../scripts/local/cloudwatch/alarms/alarm-definition.ts";
import { Alarms } from "../../../../../scripts/local/cloudwatch/alarms/alarms.ts";
import { MetricStore } from "../../../../../scripts/local/metrics/metric-store.ts";

/** A whole hour. */
const startMs = Date.UTC(2026, 0, 1, 12);
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:guard";
const topicArn = "arn:aws:sns:us-east-1:000000000000:alarms";

let clock: VirtualClock;
let metrics: MetricStore;
let activity: Activity;
let alarms: Alarms;
let invoked: { readonly arn: string; readonly event: { alarmData: Record<string, unknown> } }[];
let published: { readonly arn: string; readonly subject: string; readonly message: string }[];
let lines: string[];

beforeEach(() => {
  clock = new VirtualClock(startMs + 1000);
  metrics = new MetricStore();
  activity = new Activity();
  [invoked, published, lines] = [[], [], []];
  alarms = new Alarms({
    clock,
    activity,
    metrics,
    actions: {
      invoke: (arn, payload) => void invoked.push({ arn, event: JSON.parse(payload) }),
      publish: async (arn, message) => void published.push({ arn, ...message }),
    },
    onLog: (line) => lines.push(line),
  });
});
afterEach(() => alarms.close());

function put(overrides: Partial<AlarmDefinition> = {}, { period = 60, statistic = "Sum" } = {}) {
  const name = overrides.name ?? "errors";
  const metric = {
    namespace: "App",
    metric: "Errors",
    dimensions: { Model: "m" },
    period,
    statistic,
    unit: undefined,
  };
  const definition: AlarmDefinition = {
    name,
    arn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
    description: "too many",
    actions: { OK: [], ALARM: [functionArn, topicArn], INSUFFICIENT_DATA: [] },
    queries: [{ id: "m1", label: undefined, metric, expression: undefined, returnData: true }],
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 3,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    missingData: "notBreaching",
    ...overrides,
  };
  alarms.put(definition, { actionsEnabled: true });
}

function measure(seconds: number, ...values: number[]) {
  const series = { namespace: "App", metric: "Errors", unit: "Count", dimensions: { Model: "m" } };
  metrics.put({ ...series, values, timestampMs: startMs + seconds * 1000 });
}

const states = () => alarms.list().map(({ state }) => state.value);
const advance = (seconds: number) => clock.advanceTo(startMs + seconds * 1000, () => activity.idle());

describe("an alarm", () => {
  it("is evaluated each minute over its period, changes once, and runs the actions of the new state", async () => {
    put();
    expect(states()).toEqual(["INSUFFICIENT_DATA"]);
    measure(10, 2);
    await advance(61);
    expect([states(), invoked, published]).toEqual([["OK"], [], []]);
    measure(70, 2);
    measure(119, 1);
    await advance(119);
    expect(states()).toEqual(["OK"]);
    await advance(181);
    expect(states()).toEqual(["ALARM"]);
    expect(invoked).toEqual([
      {
        arn: functionArn,
        event: {
          source: "aws.cloudwatch",
          alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors",
          accountId: "000000000000",
          time: "2026-01-01T12:02:00.500+0000",
          region: "us-east-1",
          alarmData: {
            alarmName: "errors",
            state: {
              value: "ALARM",
              reason: expect.stringContaining("[3] were greater than or equal to the threshold (3)"),
              reasonData: expect.stringContaining('"recentDatapoints":[3]'),
              timestamp: "2026-01-01T12:02:00.500+0000",
            },
            previousState: {
              value: "OK",
              reason: expect.stringContaining("[2] were not greater"),
              reasonData: expect.any(String),
              timestamp: "2026-01-01T12:01:00.500+0000",
            },
            configuration: {
              description: "too many",
              metrics: [
                {
                  id: "m1",
                  metricStat: {
                    metric: { namespace: "App", name: "Errors", dimensions: { Model: "m" } },
                    period: 60,
                    stat: "Sum",
                  },
                  returnData: true,
                },
              ],
            },
          },
        },
      },
    ]);
    expect(published).toMatchObject([{ arn: topicArn, subject: 'ALARM: "errors" in US East (N. Virginia)' }]);
    expect(JSON.parse(published[0]?.message ?? "")).toMatchObject({
      AlarmName: "errors",
      NewStateValue: "ALARM",
      OldStateValue: "OK",
      Trigger: { MetricName: "Errors", Threshold: 3, Dimensions: [{ name: "Model", value: "m" }] },
    });
  });

  it("of a ten-second period is evaluated every ten seconds, also beside one of minutes", async () => {
    put({ name: "slow" });
    put({ name: "fast" }, { period: 10 });
    measure(1, 3);
    await advance(9);
    expect(states()).toEqual(["INSUFFICIENT_DATA", "INSUFFICIENT_DATA"]);
    await advance(11);
    expect(states()).toEqual(["INSUFFICIENT_DATA", "ALARM"]);
    // The one bad period is the newest that has data until it leaves the range of three.
    await advance(31);
    expect(states()).toEqual(["INSUFFICIENT_DATA", "ALARM"]);
    await advance(41);
    expect(states()).toEqual(["INSUFFICIENT_DATA", "OK"]);
    await advance(61);
    expect(states()).toEqual(["ALARM", "OK"]);
  });

  it("of five minutes looks at the five minutes before each whole minute", async () => {
    put({ threshold: 10 }, { period: 300, statistic: "Maximum" });
    measure(310, 12);
    await advance(361);
    expect(states()).toEqual(["ALARM"]);
  });

  it("needs M of N periods", async () => {
    put({ evaluationPeriods: 3, datapointsToAlarm: 2 });
    for (const [minute, value] of [5, 0, 0, 5, 0, 5].entries()) measure(minute * 60, value);
    await advance(301);
    expect(states()).toEqual(["OK"]);
    await advance(361);
    expect(states()).toEqual(["ALARM"]);
  });

  it("can be put into a state by hand, with its actions, until it is evaluated again", async () => {
    put();
    alarms.setState("errors", { value: "ALARM", reason: "a drill" });
    await activity.idle();
    expect(invoked).toMatchObject([
      { event: { alarmData: { state: { value: "ALARM", reason: "a drill" } } } },
    ]);
    alarms.setState("errors", { value: "ALARM", reason: "again" });
    await activity.idle();
    expect(invoked).toHaveLength(1);
    await advance(61);
    expect(states()).toEqual(["OK"]);
    expect(() => alarms.setState("none", { value: "OK", reason: "" })).toThrow('got no alarm "none"');
  });

  it("with its actions switched off changes its state in silence", () => {
    put();
    alarms.enableActions(["errors", "unknown"], false);
    alarms.setState("errors", { value: "ALARM", reason: "a drill" });
    expect([states(), invoked]).toEqual([["ALARM"], []]);
    alarms.enableActions(["errors"], true);
    alarms.setState("errors", { value: "OK", reason: "over" });
    alarms.setState("errors", { value: "ALARM", reason: "a drill" });
    expect(invoked).toHaveLength(1);
  });

  it("says in the log which action failed, and runs the others", async () => {
    const actions = {
      OK: [],
      ALARM: ["arn:aws:swf:us-east-1:000000000000:x", functionArn],
      INSUFFICIENT_DATA: [],
    };
    put({ actions });
    alarms.setState("errors", { value: "ALARM", reason: "a drill" });
    await activity.idle();
    expect(invoked).toHaveLength(1);
    expect(lines.at(-1)).toMatch(/action arn:aws:swf.* failed: .*got a swf action/);
  });

  it("says how it took what was missing", async () => {
    put();
    put({ name: "three", evaluationPeriods: 3, datapointsToAlarm: 2, missingData: "breaching" });
    put({ name: "unknown", missingData: "missing" });
    alarms.setState("unknown", { value: "OK", reason: "said by hand" });
    await advance(61);
    expect(alarms.list().map(({ state }) => `${state.value}: ${state.reason}`)).toEqual([
      "OK: Threshold Crossed: no datapoints were received and 1 missing datapoints were treated as notBreaching.",
      "ALARM: Threshold Crossed: no datapoints were received and 3 missing datapoints were treated as breaching.",
      "INSUFFICIENT_DATA: Insufficient Data: 1 datapoints were unknown.",
    ]);
    measure(70, 9);
    await advance(121);
    // Nothing changed for the alarm of three: it keeps the reason for which it went off.
    expect(states()).toEqual(["ALARM", "ALARM", "ALARM"]);
  });

  it("leaves no timer when the last one is deleted", () => {
    put();
    expect(clock.nextMs).toBe(startMs + 60_500);
    expect(() => put()).toThrow("exists already");
    alarms.delete("errors");
    expect(clock.nextMs).toBeUndefined();
  });
});
