import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { ModelStream } from "./model-stream.ts";
import type { StateResources } from "./state-resources.ts";

export interface ServiceDashboardProps {
  readonly state: StateResources;
  readonly streams: readonly ModelStream[];
}

const width = 8;

/** One dashboard: the streams on top, then three rows per model. */
export class ServiceDashboard extends Construct {
  constructor(scope: Construct, id: string, { state, streams }: ServiceDashboardProps) {
    super(scope, id);
    new cloudwatch.Dashboard(this, "Dashboard", {
      defaultInterval: Duration.hours(3),
      periodOverride: cloudwatch.PeriodOverride.INHERIT,
      widgets: [streamRow(state), ...streams.flatMap(modelRows)],
    });
  }
}

function streamRow(state: StateResources): cloudwatch.IWidget[] {
  const sum = { statistic: cloudwatch.Stats.SUM, period: Duration.minutes(1) };
  const streams = { events: state.events, predictions: state.predictions.stream };
  const each = Object.entries(streams);
  return [
    graph(
      "Records in",
      each.map(([label, stream]) => stream.metricIncomingRecords({ ...sum, label })),
    ),
    graph(
      "Bytes in",
      each.map(([label, stream]) => stream.metricIncomingBytes({ ...sum, label })),
    ),
    graph(
      "Writes throttled",
      each.map(([label, stream]) => stream.metricWriteProvisionedThroughputExceeded({ ...sum, label })),
    ),
  ];
}

function modelRows(stream: ModelStream): cloudwatch.IWidget[][] {
  const { consumer, function: fn } = stream;
  const minute = { period: Duration.minutes(1) };
  const high = { ...minute, statistic: cloudwatch.Stats.p(99) };
  return [
    [new cloudwatch.TextWidget({ markdown: `## ${stream.model}`, width: 3 * width, height: 1 })],
    [
      graph("Traffic", [stream.metric("Events"), stream.metric("Predictions"), stream.metric("Skipped")]),
      graph("Behind the stream, ms (max)", [consumer.metricIteratorAgeMs()]),
      graph("Duration, ms (p99)", [
        fn.metricDuration({ ...high, label: "invocation" }),
        stream.metric("BatchDurationMs", { ...high, label: "batch" }),
        stream.metric("RunDurationMs", { ...high, label: "model run" }),
      ]),
    ],
    [
      graph("Rejected, parked, dropped", [
        stream.metric("Rejected"),
        consumer.metricParked({ label: "Parked" }),
        consumer.metricDropped({ label: "Dropped" }),
      ]),
      graph("Retries and their causes", [
        stream.metric("Retried"),
        stream.metric("DependencyErrors"),
        stream.metric("ModelErrors"),
      ]),
      graph("Invocations, errors, throttles", [
        fn.metricInvocations(minute),
        fn.metricErrors(minute),
        fn.metricThrottles(minute),
      ]),
    ],
  ];
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width, leftYAxis: { min: 0, showUnits: false } });
}
