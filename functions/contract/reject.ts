import * as z from "zod/mini";

/** Where an event stood: enough to find it again in the stream. */
export const place = z.strictObject({
  /** ARN of the stream. */
  stream: z.string(),
  shard: z.string(),
  sequenceNumber: z.string(),
  /** Index within an aggregated record; 0 for a plain one. */
  subIndex: z.int(),
});

/** One line of a `rejects/…` object (gzip NDJSON): an event whose content is at fault, kept so that it can be redriven. */
export const reject = z.strictObject({
  code: z.string(),
  message: z.string(),
  model: z.string(),
  place,
  partitionKey: z.string(),
  /** ISO 8601: when the record arrived on the stream. */
  arrivedAt: z.string(),
  /** The original bytes, base64, private values apart; absent where those could not be told. */
  data: z.optional(z.string()),
  /** Private paths whose values were taken out of `data`; absent where it is what the producer put. */
  removed: z.optional(z.array(z.string())),
  /** Length of the original bytes; given where `data` is absent. */
  dataLengthBytes: z.optional(z.int()),
  /** SHA-256 of the original bytes, hex; given where `data` is absent. */
  dataSha256: z.optional(z.string()),
});

export type Place = z.infer<typeof place>;
export type Reject = z.infer<typeof reject>;

/**
 * S3 key of a batch's rejects. Named by what the batch covered, so a redelivered batch writes the same object;
 * a bisected one may cover a range anew, and readers tell doubles by `place`.
 */
export function rejectKey(batch: {
  model: string;
  stream: string;
  shard: string;
  first: string;
  last: string;
}): string {
  return `rejects/${batch.model}/${batch.stream}/${batch.shard}/${batch.first}-${batch.last}.ndjson.gz`;
}
