import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamFields } from "../parse-input.ts";

/** Bounds of a stream's retention. @see IncreaseStreamRetentionPeriod in the Kinesis API reference */
export const minRetentionHours = 24;
export const maxRetentionHours = 8760;

export function increaseStreamRetentionPeriod(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  const hours = request.RetentionPeriodHours;
  if (hours < stream.retentionHours) throw wrongDirection(hours, "less", stream.retentionHours);
  stream.retentionHours = checkedRetentionHours(hours);
}

export function decreaseStreamRetentionPeriod(context: KinesisContext, input: unknown): undefined {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  const hours = request.RetentionPeriodHours;
  if (hours > stream.retentionHours) throw wrongDirection(hours, "greater", stream.retentionHours);
  stream.retentionHours = checkedRetentionHours(hours);
}

/** @throws {AwsError} `InvalidArgumentException` outside 24 to 8,760 hours. */
export function checkedRetentionHours(hours: number): number {
  if (Number.isInteger(hours) && hours >= minRetentionHours && hours <= maxRetentionHours) return hours;
  throw new AwsError(
    "InvalidArgumentException",
    `Retention period of ${hours} hours; expected ${minRetentionHours} to ${maxRetentionHours} whole hours`,
  );
}

const requestSchema = z.object({ ...streamFields, RetentionPeriodHours: z.int() });

function wrongDirection(hours: number, than: string, currentHours: number): AwsError {
  return new AwsError(
    "InvalidArgumentException",
    `Requested retention period (${hours} hours) must not be ${than} than the current one (${currentHours} hours)`,
  );
}
