import * as z from "zod/mini";

/**
 * What a predict function sends to its model's shadow function: rows that were served, to be scored by the shadow.
 *
 * Ids and entities are those of the stored prediction: private ones are concealed already.
 */
export const shadowBatch = z.strictObject({
  /** The shadow as of the request. */
  digest: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** Names the predictions of events without an id. */
  requestId: z.string(),
  /** When the request arrived: the time of events without one, epoch milliseconds. */
  arrivalMs: z.number(),
  events: z
    .array(
      z.strictObject({
        /** In the request. */
        position: z.int().check(z.minimum(0)),
        id: z.optional(z.string()),
        /** Epoch milliseconds. */
        timeMs: z.optional(z.number()),
        entity: z.optional(z.string()),
      }),
    )
    .check(z.minLength(1)),
  /** The encoded rows, one per event, one after the other, little-endian, in tensor order: base64. */
  rows: z.string(),
});

export type ShadowBatch = z.infer<typeof shadowBatch>;
