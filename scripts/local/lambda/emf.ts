import type { Datapoint } from "../metrics/metric-store.ts";

/** A log line in CloudWatch's embedded metric format: any object with a `_aws` that declares metrics. */
export type EmfObject = Readonly<Record<string, unknown>> & {
  readonly _aws: { readonly Timestamp?: unknown; readonly CloudWatchMetrics: readonly unknown[] };
};

/** The line's EMF object, or `undefined` when it is any other line. */
export function parseEmfLine(line: string): EmfObject | undefined {
  // Cheap test first: nearly every line is no metric.
  if (!line.includes('"_aws"') || !line.includes('"CloudWatchMetrics"')) return undefined;
  const start = line.indexOf("{");
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.slice(start));
  } catch {
    // A line that only talks about metrics is a log line like any other.
    return undefined;
  }
  return isObject(parsed) && isObject(parsed._aws) && Array.isArray(parsed._aws.CloudWatchMetrics)
    ? (parsed as EmfObject)
    : undefined;
}

/**
 * The datapoints that CloudWatch would extract: one per metric and dimension set of each directive.
 *
 * What the specification calls invalid (a metric without a numeric value, a dimension without a string) is left
 * out, as CloudWatch does.
 *
 * @see Amazon CloudWatch user guide, "Specification: Embedded metric format"
 */
export function emfDatapoints(emf: EmfObject): Datapoint[] {
  const timestampMs = typeof emf._aws.Timestamp === "number" ? emf._aws.Timestamp : Date.now();
  return emf._aws.CloudWatchMetrics.filter(isObject).flatMap((directive) => {
    const { Namespace: namespace, Metrics: metrics } = directive;
    if (typeof namespace !== "string" || !Array.isArray(metrics)) return [];
    const dimensionSets = dimensionsOf(emf, directive.Dimensions);
    return metrics.filter(isObject).flatMap(({ Name: metric, Unit }) => {
      if (typeof metric !== "string") return [];
      const values = numbersOf(emf[metric]);
      if (values.length === 0) return [];
      const unit = typeof Unit === "string" ? Unit : "None";
      return dimensionSets.map((dimensions) => ({
        namespace,
        metric,
        unit,
        dimensions,
        values,
        timestampMs,
      }));
    });
  });
}

function dimensionsOf(emf: EmfObject, declared: unknown): Record<string, string>[] {
  const sets = Array.isArray(declared) && declared.length > 0 ? declared : [[]];
  return sets.filter(Array.isArray).flatMap((names: unknown[]) => {
    const pairs = names.map((name) => [name, emf[String(name)]] as const);
    return pairs.every(([, value]) => typeof value === "string")
      ? [Object.fromEntries(pairs) as Record<string, string>]
      : [];
  });
}

function numbersOf(value: unknown): number[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.every((one) => typeof one === "number" && Number.isFinite(one)) ? (values as number[]) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
