import * as z from "zod";

/**
 * How Lambda reads a Kinesis stream for one function; ranges are Lambda's own.
 *
 * `ReportBatchItemFailures` is no setting: without it a batch that failed in part would count as done.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export const eventSourceSettings = z
  .strictObject({
    /** Most records per invocation; Lambda also stops at 6 MB of event. */
    batchSize: z.int().min(1).max(10_000).default(10_000),
    /** How long a batch may wait to fill; 0 invokes with whatever has arrived. Whole seconds only. */
    windowSeconds: z.int().min(0).max(300).default(0),
    /** Batches of one shard in flight at once; order then holds per partition key only. */
    parallelizationFactor: z.int().min(1).max(10).default(1),
    /** Halve a batch whose invocation failed as a whole (a crash, a timeout). */
    bisectOnError: z.boolean().default(true),
    /** Older records are parked; must be below the stream's retention, or they would expire unseen. */
    maxRecordAgeSeconds: z
      .int()
      .min(60)
      .max(7 * 86_400)
      .default(6 * 3600),
    /** Attempts after the first; -1 bounds them by record age alone. */
    retryAttempts: z.int().min(-1).max(10_000).default(-1),
    startingPosition: z.enum(["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]).default("TRIM_HORIZON"),
    /** Epoch seconds; with `AT_TIMESTAMP` only. */
    startingTimestampSeconds: z.int().min(0).optional(),
  })
  .refine(
    (settings) =>
      (settings.startingPosition === "AT_TIMESTAMP") === (settings.startingTimestampSeconds !== undefined),
    {
      path: ["startingTimestampSeconds"],
      message: "expected a time in epoch seconds with startingPosition AT_TIMESTAMP and none without it",
    },
  );

export type EventSourceSettings = z.infer<typeof eventSourceSettings>;
