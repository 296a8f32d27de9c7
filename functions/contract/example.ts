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

/** What the key of an object of examples says. */
export interface ExampleObject extends ExampleRange {
  /** `yyyy-mm-ddThh`, UTC, of the outcomes. */
  readonly hour: string;
}

/** Read an object's key. @returns undefined for a key that no object of examples has */
export function parseExampleKey(kind: ExampleKind, key: string): ExampleObject | undefined {
  const [folder, model, year, month, day, hourOfDay, name, ...more] = key.split("/");
  const range = /^(.+)-(\d+)-(\d+)\.ndjson\.gz$/.exec(name ?? "");
  if (folder !== kind || range === null || more.length > 0) return undefined;
  const hour = `${year}-${month}-${day}T${hourOfDay}`;
  if (Number.isNaN(Date.parse(`${hour}:00:00Z`))) return undefined;
  const [, shard, first, last] = range as unknown as [string, string, string, string];
  return { model: model!, shard, first, last, hour };
}
