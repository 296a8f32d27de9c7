import { AwsError } from "../aws-error.ts";

/** A Kinesis event-source mapping as CloudFormation declares it; absent settings take Lambda's defaults. */
export interface EventSourceConfig {
  readonly uuid: string;
  readonly eventSourceArn: string;
  /** Name or ARN. */
  readonly functionName: string;
  readonly enabled?: boolean;
  readonly batchSize?: number;
  readonly maximumBatchingWindowSeconds?: number;
  readonly parallelizationFactor?: number;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST" | "AT_TIMESTAMP";
  /** With AT_TIMESTAMP: milliseconds since the epoch. */
  readonly startingPositionTimestampMs?: number;
  readonly maximumRetryAttempts?: number;
  readonly maximumRecordAgeSeconds?: number;
  readonly bisectBatchOnFunctionError?: boolean;
  readonly functionResponseTypes?: readonly string[];
  /** ARN of an S3 bucket, an SQS queue or an SNS topic. */
  readonly onFailureDestinationArn?: string;
  readonly tumblingWindowSeconds?: number;
  readonly filterCriteria?: unknown;
}

/** A checked mapping with every default filled in. */
export type EventSourceMapping = Readonly<
  Required<
    Omit<EventSourceConfig, "startingPositionTimestampMs" | "onFailureDestinationArn" | "filterCriteria">
  > &
    Pick<EventSourceConfig, "startingPositionTimestampMs" | "onFailureDestinationArn">
>;

const reportBatchItemFailures = "ReportBatchItemFailures";

/**
 * Fill in Lambda's defaults and check its limits.
 *
 * @throws {AwsError} `InvalidParameterValueException` with every problem; settings of Lambda's that the embedded
 * cloud does not have are refused, never ignored.
 * @see AWS Lambda API reference, CreateEventSourceMapping
 */
export function checkEventSource(config: EventSourceConfig): EventSourceMapping {
  const { filterCriteria, ...rest } = config;
  const mapping: EventSourceMapping = {
    ...rest,
    enabled: config.enabled ?? true,
    batchSize: config.batchSize ?? 100,
    maximumBatchingWindowSeconds: config.maximumBatchingWindowSeconds ?? 0,
    parallelizationFactor: config.parallelizationFactor ?? 1,
    maximumRetryAttempts: config.maximumRetryAttempts ?? -1,
    maximumRecordAgeSeconds: config.maximumRecordAgeSeconds ?? -1,
    bisectBatchOnFunctionError: config.bisectBatchOnFunctionError ?? false,
    functionResponseTypes: config.functionResponseTypes ?? [],
    tumblingWindowSeconds: config.tumblingWindowSeconds ?? 0,
  };
  const problems = [...rangeProblems(mapping), ...kindProblems(mapping)];
  if (isGiven(filterCriteria))
    problems.push("filter criteria are not supported by the embedded cloud; filter in the function");
  if (problems.length > 0) {
    throw new AwsError(
      "InvalidParameterValueException",
      `event source of "${config.functionName}": ${problems.join("; ")}`,
    );
  }
  return mapping;
}

export function reportsItemFailures(mapping: EventSourceMapping): boolean {
  return mapping.functionResponseTypes.includes(reportBatchItemFailures);
}

function rangeProblems(mapping: EventSourceMapping): string[] {
  const ranges = [
    ["batchSize", 1, 10_000],
    ["maximumBatchingWindowSeconds", 0, 300],
    ["parallelizationFactor", 1, 10],
    ["maximumRetryAttempts", -1, 10_000],
    ["maximumRecordAgeSeconds", -1, 604_800],
  ] as const;
  const problems = ranges.flatMap(([name, lowest, highest]) => {
    const value = mapping[name];
    const isFine = Number.isInteger(value) && value >= lowest && value <= highest;
    return isFine ? [] : [`${name}: got ${value}, expected an integer from ${lowest} to ${highest}`];
  });
  const age = mapping.maximumRecordAgeSeconds;
  if (age >= 0 && age < 60)
    problems.push(`maximumRecordAgeSeconds: got ${age}, expected -1 (no limit) or at least 60`);
  return problems;
}

function kindProblems(mapping: EventSourceMapping): string[] {
  const problems: string[] = [];
  if (!/^arn:[^:]+:kinesis:[^:]*:[^:]*:stream\//.test(mapping.eventSourceArn)) {
    problems.push(`eventSourceArn: got "${mapping.eventSourceArn}", expected the arn of a kinesis stream`);
  }
  if (mapping.tumblingWindowSeconds !== 0)
    problems.push("tumbling windows are not supported by the embedded cloud");
  if (!["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"].includes(mapping.startingPosition)) {
    problems.push(
      `startingPosition: got "${mapping.startingPosition}", expected TRIM_HORIZON, LATEST or AT_TIMESTAMP`,
    );
  }
  if ((mapping.startingPosition === "AT_TIMESTAMP") !== (mapping.startingPositionTimestampMs !== undefined)) {
    problems.push("startingPositionTimestamp goes with AT_TIMESTAMP, and only with it");
  }
  const unknownTypes = mapping.functionResponseTypes.filter((type) => type !== reportBatchItemFailures);
  if (unknownTypes.length > 0) {
    problems.push(
      `functionResponseTypes: got ${unknownTypes.join(", ")}, expected ${reportBatchItemFailures}`,
    );
  }
  const destination = mapping.onFailureDestinationArn;
  if (destination !== undefined && !/^arn:[^:]+:(s3|sqs|sns):/.test(destination)) {
    problems.push(
      `on-failure destination: got "${destination}", expected the arn of a bucket, a queue or a topic`,
    );
  }
  return problems;
}

function isGiven(filterCriteria: unknown): boolean {
  if (filterCriteria === undefined || filterCriteria === null) return false;
  const filters = (filterCriteria as { Filters?: unknown }).Filters;
  return !(Array.isArray(filters) && filters.length === 0);
}
