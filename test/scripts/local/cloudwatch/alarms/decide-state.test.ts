import { describe, expect, it } from "vitest";
import type { MissingData } from "../../../../../scripts/local/cloudwatch/alarms/alarm-definition.ts";
import { decideState } from "../../../../../scripts/local/cloudwatch/alarms/decide-state.ts";

/** `0` a good datapoint, `X` a breaching one, `-` none; the newest last. */
function datapoints(text: string): (number | undefined)[] {
  return [...text].map((each) => (each === "-" ? undefined : each === "X" ? 1 : 0));
}

function decide(text: string, datapointsToAlarm: number, missingData: MissingData): string {
  const comparison = "GreaterThanOrEqualToThreshold";
  const rule = { comparison, threshold: 1, evaluationPeriods: 3, datapointsToAlarm, missingData } as const;
  const [before, now] = (["OK", "ALARM"] as const).map((current) =>
    decideState(datapoints(text), rule, current),
  );
  if (before === "OK" && now === "ALARM") return "retain";
  expect(before).toBe(now);
  return before ?? "";
}

const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const;

describe("the state of an alarm with three periods in a range of five", () => {
  // The user guide's two tables, "How alarm state is evaluated when data is missing".
  it.each([
    ["0-X-X", 3, ["OK", "OK", "OK", "OK"]],
    ["----0", 3, ["OK", "OK", "OK", "OK"]],
    ["-----", 3, ["INSUFFICIENT_DATA", "retain", "ALARM", "OK"]],
    ["0XX-X", 3, ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["--X--", 3, ["ALARM", "retain", "ALARM", "OK"]],
    ["0-X-X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["00X0X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0-X--", 2, ["OK", "OK", "ALARM", "OK"]],
    ["----0", 2, ["OK", "OK", "ALARM", "OK"]],
    ["---X-", 2, ["ALARM", "retain", "ALARM", "OK"]],
  ])(
    "%s with %i to alarm is as the user guide has it for every treatment of missing data",
    (text, m, expected) => {
      expect(treatments.map((each) => decide(text, m, each))).toEqual(expected);
    },
  );

  it.each(["----X", "---X-"])("does not alarm early on %s with three to alarm", (text) => {
    expect(decide(text, 3, "missing")).toBe("retain");
  });
});

describe("a datapoint at the threshold", () => {
  it.each([
    ["GreaterThanOrEqualToThreshold", "ALARM"],
    ["GreaterThanThreshold", "OK"],
    ["LessThanOrEqualToThreshold", "ALARM"],
    ["LessThanThreshold", "OK"],
  ] as const)("under %s is %s", (comparison, expected) => {
    const one = { threshold: 5, evaluationPeriods: 1, datapointsToAlarm: 1, missingData: "missing" } as const;
    expect(decideState([undefined, undefined, 5], { ...one, comparison }, "OK")).toBe(expected);
  });
});
