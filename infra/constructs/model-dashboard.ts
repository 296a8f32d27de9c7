import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { ArchiveFunction } from "./archive-function.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";
import type { Loss, ModelMetric } from "./model-metrics.ts";
import type { ModelStream } from "./model-stream.ts";
import type { StateResources } from "./state-resources.ts";

export interface ModelDashboardProps {
  readonly state: StateResources;
  readonly stream: ModelStream;
  /** @default - the API is switched off */
  readonly endpoint?: ModelEndpoint;
  /** Shown on every model's. @default - the archive is switched off */
  readonly archive?: ArchiveFunction;
  /** Estimated USD per thousand predictions. */
  readonly cost: cloudwatch.IMetric;
}

const width = 8;
const minute = { period: Duration.minutes(1) };
const sum = { ...minute, statistic: cloudwatch.Stats.SUM };
const average = { ...minute, statistic: cloudwatch.Stats.AVERAGE };
const greatest = { ...minute, statistic: cloudwatch.Stats.MAXIMUM };
const p50 = { ...minute, statistic: cloudwatch.Stats.p(50) };
const p99 = { ...minute, statistic: cloudwatch.Stats.p(99) };

const stages = ["QueueMs", "DecodeMs", "StateMs", "CacheMs", "RunDurationMs", "WriteMs"] as const;
const rivals = ["challenger", "shadow"] as const;
const fates = [
  "OutcomesJoined",
  "OutcomesEarly",
  "OutcomesRepeated",
  "OutcomesConflicting",
  "OutcomesLate",
] as const;

/** What one model does: on the stream, over HTTPS, and what both share. */
export class ModelDashboard extends Construct {
  constructor(scope: Construct, id: string, props: ModelDashboardProps) {
    super(scope, id);
    const { state, stream, endpoint, archive, cost } = props;
    const rows = [
      ...modelRows(stream, cost),
      ...stateRows(stream),
      ...rolloutRows(stream, endpoint),
      ...driftRows(stream),
      ...streamRows(state, stream),
      ...endpointRows(endpoint),
      ...archiveRows(archive),
    ];
    new cloudwatch.Dashboard(this, "Dashboard", {
      defaultInterval: Duration.hours(3),
      periodOverride: cloudwatch.PeriodOverride.INHERIT,
      widgets: rows,
    });
  }
}

/** What both functions count under the same names. */
function modelRows(stream: ModelStream, cost: cloudwatch.IMetric): cloudwatch.IWidget[][] {
  const each = (names: readonly ModelMetric[], options: cloudwatch.MetricOptions = sum) =>
    names.map((name) => stream.metric(name, options));
  return [
    heading(stream.model),
    [
      graph("Predictions", each(["Predictions"])),
      graph("Rejected by reason", [stream.metricRejectedByReason()]),
      graph("Cost, USD per 1,000 predictions (estimated)", [cost]),
    ],
    [
      graph("Latency by stage, ms (p50)", each(stages, p50)),
      graph("Latency by stage, ms (p99)", each(stages, p99)),
      graph("Failures and their causes", each(["DependencyErrors", "ModelErrors"])),
    ],
    [
      graph("Shared cache", each(["CacheHits", "CacheMisses", "CacheErrors", "CacheMismatch"])),
      graph("Share of chunks that ask the shared cache", [stream.metric("CacheShared", average)]),
      graph(
        "What decides it: µs per row run, per key asked for",
        each(["RowCostUs", "CacheKeyCostUs"], average),
      ),
    ],
  ];
}

/** What the model remembers, and what the truth says of it; empty for one without views and outcome. */
function stateRows(stream: ModelStream): cloudwatch.IWidget[][] {
  const each = (names: readonly ModelMetric[], options: cloudwatch.MetricOptions = sum) =>
    names.map((name) => stream.metric(name, options));
  return [
    heading("Views and outcomes"),
    [
      graph("Outcomes by fate", each(fates)),
      graph("Loss of joined outcomes (mean)", each(["LogLoss", "Brier", "SquaredError"], average)),
      graph("Too late for a view, done by an earlier delivery", each(["LateEvents", "Redelivered"])),
    ],
    [graph("Tiles and sketches: units read, written", each(["StateReadUnits", "StateWriteUnits"]))],
  ];
}

/** The champion against those that stand beside it. */
function rolloutRows(stream: ModelStream, endpoint: ModelEndpoint | undefined): cloudwatch.IWidget[][] {
  const each = (names: readonly ModelMetric[]) => names.map((name) => stream.metric(name));
  const lossOf = (loss: Loss, title: string) =>
    graph(title, [
      stream.metric(loss, { ...average, label: "champion" }),
      ...rivals.map((role) => stream.metricRivalLoss(loss, role).with({ label: role })),
    ]);
  return [
    heading("Rollouts"),
    [
      graph("Predictions, of them the challenger's", each(["Predictions", "ChallengerAnswers"])),
      graph(
        "Challenger: rows failed, times stopped; versions that cannot serve",
        each(["ChallengerErrors", "ChallengerStopped", "AliasErrors"]),
      ),
      graph("Memory used, by function (max, of 1)", [
        stream.metricMemoryRatio({ label: "stream" }),
        ...(endpoint === undefined
          ? []
          : [
              endpoint.metricMemoryRatio({ label: "predict" }),
              endpoint.metricShadowMemoryRatio({ label: "shadow" }),
            ]),
      ]),
    ],
    [
      lossOf("Brier", "Brier score by role (mean)"),
      lossOf("LogLoss", "Log-loss by role (mean)"),
      lossOf("SquaredError", "Squared error by role (mean)"),
    ],
    [
      graph("Shadow: events scored, dropped", each(["ShadowScored", "ShadowDropped"])),
      graph("Share of the shadow's events dropped", [stream.metricShadowDroppedRatio()]),
    ],
  ];
}

/** What the model is asked against what it was trained on, and how well it is thought to do. */
function driftRows(stream: ModelStream): cloudwatch.IWidget[][] {
  const each = (names: readonly ModelMetric[], options: cloudwatch.MetricOptions = greatest) =>
    names.map((name) => stream.metric(name, options));
  return [
    heading("Drift"),
    [
      graph("Features that drifted, and whether it alarms (1)", each(["DriftedFeatures", "DriftAlarm"])),
      graph("How far the scores have moved", each(["PredictionDrift"])),
      graph("Sketches that could not be written", each(["SketchErrors"], sum)),
    ],
    [
      graph("Brier score: estimated, measured (mean)", each(["EstimatedBrier", "Brier"], average)),
      graph("Log-loss: estimated, measured (mean)", each(["EstimatedLogLoss", "LogLoss"], average)),
      graph("Calibration error over a fortnight", each(["CalibrationError"])),
    ],
  ];
}

function streamRows(state: StateResources, stream: ModelStream): cloudwatch.IWidget[][] {
  const { consumer, function: fn } = stream;
  const streams = Object.entries({ events: state.events, predictions: state.predictions.stream });
  return [
    heading("Stream"),
    [
      graph("Events", [
        stream.metric("Events"),
        stream.metric("Skipped"),
        stream.metric("Rejected"),
        stream.metric("Retried"),
      ]),
      graph("Behind the stream, ms (max)", [consumer.metricIteratorAgeMs()]),
      graph("Parked, dropped", [
        consumer.metricParked({ label: "Parked" }),
        consumer.metricDropped({ label: "Dropped" }),
      ]),
    ],
    [
      graph("Batch, ms: warm and cold (p99)", [
        stream.metric("BatchDurationMs", { ...p99, label: "warm" }),
        stream.metric("ColdBatchDurationMs", { ...p99, label: "cold" }),
        fn.metricDuration({ ...p99, label: "invocation" }),
      ]),
      graph("Stream function: invocations, errors, throttles", [
        fn.metricInvocations(minute),
        fn.metricErrors(minute),
        fn.metricThrottles(minute),
      ]),
      graph("Records in, and writes throttled", [
        ...streams.map(([label, each]) => each.metricIncomingRecords({ ...sum, label })),
        ...streams.map(([label, each]) =>
          each.metricWriteProvisionedThroughputExceeded({ ...sum, label: `${label} throttled` }),
        ),
      ]),
    ],
  ];
}

function endpointRows(endpoint: ModelEndpoint | undefined): cloudwatch.IWidget[][] {
  if (endpoint === undefined) return [];
  const { function: fn } = endpoint;
  return [
    heading("HTTPS"),
    [
      graph(
        "Requests, refused (4xx), failed (5xx)",
        endpoint.metricsOfRoutes(["Count", "4XXError", "5XXError"], sum),
      ),
      graph("Latency at the gateway, ms (p99)", endpoint.metricsOfRoutes(["Latency"], p99)),
      graph("Request, ms: warm and cold (p99)", [
        endpoint.metric("RequestDurationMs", { ...p99, label: "warm" }),
        endpoint.metric("ColdRequestDurationMs", { ...p99, label: "cold" }),
        endpoint.metricLatencyMs({ label: "invocation" }),
      ]),
    ],
    [
      graph("Predict function: invocations, errors, throttles", [
        fn.metricInvocations(minute),
        fn.metricErrors(minute),
        fn.metricThrottles(minute),
      ]),
      graph(
        "Outcomes posted: requests, refused (4xx), failed (5xx)",
        endpoint.metricsOfOutcomes(["Count", "4XXError", "5XXError"], sum),
      ),
    ],
  ];
}

function archiveRows(archive: ArchiveFunction | undefined): cloudwatch.IWidget[][] {
  if (archive === undefined) return [];
  const { consumer, function: fn } = archive;
  return [
    heading("Archive, of all models"),
    [
      graph("Events: archived, withheld, to be delivered again", [
        archive.metric("ArchivedEvents"),
        archive.metric("WithheldEvents"),
        archive.metric("ArchiveRetried"),
      ]),
      graph("Behind the stream, ms (max)", [consumer.metricIteratorAgeMs()]),
      graph("Archive function: invocations, errors, throttles", [
        fn.metricInvocations(minute),
        fn.metricErrors(minute),
        fn.metricThrottles(minute),
      ]),
    ],
  ];
}

function heading(text: string): cloudwatch.IWidget[] {
  return [new cloudwatch.TextWidget({ markdown: `## ${text}`, width: 3 * width, height: 1 })];
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width, leftYAxis: { min: 0, showUnits: false } });
}
