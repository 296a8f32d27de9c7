import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";
import type * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Clock } from "../clock/clock.ts";
import { answerError } from "../error-answer.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import { readBody } from "../request-body.ts";
import type { LocalService } from "../service.ts";
import { readServiceCall } from "../service-call.ts";
import type { Alarms } from "./alarms/alarms.ts";
import { describeAlarms } from "./describe-alarms.ts";
import { getMetricData } from "./get-metric-data.ts";
import { getMetricStatistics } from "./get-metric-statistics.ts";
import {
  alarmNamesInput,
  describeAlarmsInput,
  getMetricDataInput,
  getMetricStatisticsInput,
  listMetricsInput,
  putMetricDataInput,
  setAlarmStateInput,
} from "./inputs.ts";
import { listMetrics } from "./list-metrics.ts";
import { putMetricData } from "./put-metric-data.ts";

/** What the embedded CloudWatch tells of. */
export interface CloudWatchSources {
  readonly metrics: MetricStore;
  readonly alarms: Alarms;
  /** Dates what is put without a time. */
  readonly clock: Clock;
}

type Operation = (input: unknown, sources: CloudWatchSources) => object;

const operations: Readonly<Record<string, Operation>> = {
  DescribeAlarms: operation(describeAlarmsInput, (input, { alarms }) => describeAlarms(input, alarms.list())),
  DisableAlarmActions: operation(alarmNamesInput, ({ AlarmNames }, { alarms }) => {
    alarms.enableActions(AlarmNames, false);
    return {};
  }),
  EnableAlarmActions: operation(alarmNamesInput, ({ AlarmNames }, { alarms }) => {
    alarms.enableActions(AlarmNames, true);
    return {};
  }),
  GetMetricData: operation(getMetricDataInput, (input, { metrics }) => getMetricData(input, metrics)),
  GetMetricStatistics: operation(getMetricStatisticsInput, (input, { metrics }) =>
    getMetricStatistics(input, metrics),
  ),
  ListMetrics: operation(listMetricsInput, (input, { metrics }) => listMetrics(input, metrics)),
  PutMetricData: operation(putMetricDataInput, (input, { metrics, clock }) =>
    putMetricData(input, { metrics, nowMs: clock.nowMs() }),
  ),
  SetAlarmState: operation(setAlarmStateInput, (input, { alarms }) => {
    const { StateValue: value, StateReason: reason, StateReasonData: reasonData } = input;
    alarms.setState(input.AlarmName, { value, reason, reasonData });
    return {};
  }),
};

/**
 * CloudWatch's metrics as the functions' log lines and the embedded Lambda gave them, and its alarms, in the JSON
 * protocol that the SDK and the aws CLI prefer.
 *
 * Not as in AWS: no metric math and no `SEARCH`, units are not told apart, and nothing is kept beyond what
 * {@link MetricStore} keeps; of alarms see {@link Alarms}.
 */
export function createCloudWatch(sources: CloudWatchSources): LocalService {
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const name = readServiceCall(request)?.operation ?? "Other";
      const body = await readBody(request, maxBodyBytes);
      if (name === "Other") {
        throw new AwsError(
          "UnknownOperationException",
          "got a call without X-Amz-Target, expected CloudWatch's JSON protocol; use a current SDK or aws CLI",
        );
      }
      const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (run === undefined) {
        const have = Object.keys(operations).join(", ");
        throw new AwsError(
          "UnknownOperationException",
          `the embedded cloudwatch has no "${name}"; it has ${have}`,
        );
      }
      const answer = JSON.stringify(run(parseJson(textOf(request, body)), sources));
      response.setHeader("content-type", "application/x-amz-json-1.0");
      response.setHeader("x-amzn-requestid", randomUUID());
      response.end(answer);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      answerError(request, response, { error, service: "monitoring" });
    }
  }
  return { signingNames: ["monitoring"], handle, close: async () => sources.alarms.close() };
}

/** CloudWatch's own limit on a `PutMetricData`, the largest of the requests. */
const maxBodyBytes = 1024 * 1024;

function operation<Schema extends z.ZodType>(
  schema: Schema,
  run: (input: z.infer<Schema>, sources: CloudWatchSources) => object,
): Operation {
  return (input, sources) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return run(parsed.data, sources);
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new AwsError("InvalidParameterValueException", problems.join("; "));
  };
}

/** SDKs compress a large `PutMetricData`. */
function textOf({ headers }: IncomingMessage, body: Buffer): string {
  if (headers["content-encoding"] !== "gzip") return body.toString("utf8");
  try {
    return gunzipSync(body, { maxOutputLength: maxBodyBytes }).toString("utf8");
  } catch (cause) {
    throw notReadable(cause);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw notReadable(cause);
  }
}

function notReadable(cause: unknown): AwsError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AwsError("SerializationException", `the body cannot be read as JSON: ${reason}`);
}
