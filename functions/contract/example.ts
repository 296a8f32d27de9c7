import * as z from "zod/mini";
import { scalar } from "./condition.ts";
import { prediction } from "./prediction.ts";

/** The truth as training reads it: 0 or 1 for a yes or no, the class itself, or the number. */
export const labelValue = scalar;

/**
 * One line of an `examples/…` object (gzip NDJSON): the features that were served, what was predicted and what came true.
 *
 * A prediction may stand in several objects, since a bisected batch covers its range anew: readers tell doubles by
 * `predictionId`.
 */
export const example = z.strictObject({
  ...prediction.shape,
  /** ISO 8601 in UTC with milliseconds, as `eventTime`. */
  outcomeTime: z.string(),
  /** The features as the model got them, by name: a number, or a list where a feature fills several columns. */
  features: z.record(z.string(), z.union([z.number(), z.array(z.number())])),
  label: labelValue,
});

/** One line of an `early/…` object (gzip NDJSON): an outcome whose prediction was not there when it came. */
export const earlyOutcome = z.strictObject({
  model: z.string(),
  eventId: z.string(),
  /** ISO 8601 in UTC with milliseconds. */
  outcomeTime: z.string(),
  label: labelValue,
});

export type LabelValue = z.infer<typeof labelValue>;
export type Example = z.infer<typeof example>;
export type EarlyOutcome = z.infer<typeof earlyOutcome>;

export type ExampleKind = "examples" | "early";

/** Where in its shard a batch of examples was made: named by what it covered, so that a redelivered one writes the same objects. */
export interface ExampleRange {
  readonly model: string;
  readonly shard: string;
  /** First and last sequence number of the batch. */
  readonly first: string;
  readonly last: string;
}

/** S3 key of the examples of one range whose outcomes lie in one hour. @param hour - `yyyy-mm-ddThh` */
export function exampleKey(
  kind: ExampleKind,
  hour: string,
  { model, shard, first, last }: ExampleRange,
): string {
  return `${kind}/${model}/${hour.replace(/[-T](?=\d\d(\D|$))/g, "/")}/${shard}-${first}-${last}.ndjson.gz`;
}
