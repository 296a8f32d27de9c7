import { describe, expect, it } from "vitest";
import { emfDatapoints, parseEmfLine } from "../../../../scripts/local/lambda/emf.ts";

function datapointsOf(line: unknown) {
  const emf = parseEmfLine(typeof line === "string" ? line : JSON.stringify(line));
  return emf === undefined ? undefined : emfDatapoints(emf);
}

describe("an EMF line", () => {
  it("gives a datapoint per metric and dimension set of every directive", () => {
    const datapoints = datapointsOf({
      _aws: {
        Timestamp: 1574109732004,
        CloudWatchMetrics: [
          {
            Namespace: "App",
            Dimensions: [["model"], ["model", "role"]],
            Metrics: [
              { Name: "rows", Unit: "Count" },
              { Name: "latency", Unit: "Milliseconds" },
            ],
          },
          { Namespace: "Other", Dimensions: [[]], Metrics: [{ Name: "rows" }] },
        ],
      },
      model: "flight-delay",
      role: "champion",
      rows: 3,
      latency: [1.5, 2.5],
    });
    const one = { model: "flight-delay" };
    const both = { model: "flight-delay", role: "champion" };
    const timestampMs = 1574109732004;
    expect(datapoints).toEqual([
      { namespace: "App", metric: "rows", unit: "Count", dimensions: one, values: [3], timestampMs },
      { namespace: "App", metric: "rows", unit: "Count", dimensions: both, values: [3], timestampMs },
      {
        namespace: "App",
        metric: "latency",
        unit: "Milliseconds",
        dimensions: one,
        values: [1.5, 2.5],
        timestampMs,
      },
      {
        namespace: "App",
        metric: "latency",
        unit: "Milliseconds",
        dimensions: both,
        values: [1.5, 2.5],
        timestampMs,
      },
      { namespace: "Other", metric: "rows", unit: "None", dimensions: {}, values: [3], timestampMs },
    ]);
  });

  it("may stand behind a prefix of the runtime's", () => {
    const emf =
      '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"A","Metrics":[{"Name":"n"}]}]},"n":1}';
    expect(datapointsOf(`2026-01-01T00:00:00Z\tid\tINFO\t${emf}`)).toHaveLength(1);
  });

  it.each([
    ["a metric without a value", { n: undefined }],
    ["a metric that is no number", { n: "7" }],
    ["a dimension without a value", { n: 1, model: undefined }],
  ])("leaves out %s", (_, fields) => {
    const emf = {
      _aws: {
        Timestamp: 1,
        CloudWatchMetrics: [{ Namespace: "A", Dimensions: [["model"]], Metrics: [{ Name: "n" }] }],
      },
      model: "m",
      ...fields,
    };
    expect(datapointsOf(emf)).toEqual([]);
  });

  it.each([
    "plain text",
    '{"level":"info"}',
    'about "_aws" and "CloudWatchMetrics" {',
    '{"_aws":{"CloudWatchMetrics":1}}',
  ])("is not: %s", (line) => {
    expect(datapointsOf(line)).toBeUndefined();
  });
});
