import * as z from "zod/mini";
import { role } from "./ledger.ts";

/** What a prediction was made as: under an alias, or by a replay of the past. */
export const predictionRole = z.enum([...role.options, "backfill"]);

const outputValue = z.union([z.number(), z.string(), z.array(z.union([z.number(), z.string()]))]);

/**
 * One prediction as consumers read it: one JSON object per record of the `predictions` stream.
 *
 * A redelivered event gives the same `predictionId` again; consumers that must not act twice remember it.
 */
export const prediction = z.strictObject({
  predictionId: z.string(),
  model: z.string(),
  digest: z.string(),
  role: predictionRole,
  /** The event's own id, or its place `stream/shard/sequence number/sub-record index` where it has none. */
  eventId: z.string(),
  /** ISO 8601 in UTC with milliseconds. */
  eventTime: z.string(),
  outputs: z.record(z.string(), outputValue),
});

export type PredictionRole = z.infer<typeof predictionRole>;
export type Prediction = z.infer<typeof prediction>;
