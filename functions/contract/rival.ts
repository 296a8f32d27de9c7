import * as z from "zod/mini";
import { prediction } from "./prediction.ts";

/** What another version said of an event that was answered: stored with the answer, to be compared once the truth is known. */
export const rival = z.strictObject({
  digest: z.string(),
  role: prediction.shape.role,
  outputs: prediction.shape.outputs,
  /** The event's part of each declared segment, by the segment's name; null where it has none of the listed values. */
  segments: z.optional(z.record(z.string(), z.nullable(z.string()))),
});

export type Rival = z.infer<typeof rival>;
