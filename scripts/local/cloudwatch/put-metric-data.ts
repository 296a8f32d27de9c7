import { AwsError } from "../aws-error.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { PutMetricDataInput } from "./inputs.ts";

/** @param to - `nowMs` dates what comes without a time. */
export function putMetricData(
  { Namespace, MetricData }: PutMetricDataInput,
  { metrics, nowMs }: { readonly metrics: MetricStore; readonly nowMs: number },
): object {
  for (const datum of MetricData) {
    metrics.put({
      namespace: Namespace,
      metric: datum.MetricName,
      unit: datum.Unit,
      dimensions: datum.Dimensions,
      values: valuesOf(datum),
      timestampMs: datum.Timestamp ?? nowMs,
    });
  }
  return {};
}

/** `Counts[i]` says how often `Values[i]` was measured. */
function valuesOf({ Value, Values, Counts }: PutMetricDataInput["MetricData"][number]): readonly number[] {
  if (Counts !== undefined && Counts.length !== Values.length) {
    const message = `Counts: got ${Counts.length}, expected one for each of the ${Values.length} Values`;
    throw new AwsError("InvalidParameterValueException", message);
  }
  const repeated = Values.flatMap((value, i) => new Array<number>(Counts?.[i] ?? 1).fill(value));
  return Value === undefined ? repeated : [Value, ...repeated];
}
