import * as z from "zod/mini";

/** Room for the sketches of sixty windows of forty features, twice. */
export const maxReferenceBytes = 2 * 2 ** 20;
/** The newest ones of a longer time. */
export const maxReferenceWindows = 60;

const instant = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
const rows = z.int().check(z.minimum(1));
/** As items of the sketches table hold it, in base64. */
const sketch = z.string().check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/));

/**
 * `reference.json`: what a model was asked and said while it was made, as counts; drift is measured against it.
 *
 * Made of training examples, with the code that counts what is served.
 */
export const reference = z.strictObject({
  version: z.literal(1),
  /** Of the whole time, windows that are not listed included. */
  rows,
  /** First and last event time, ISO 8601 in UTC. */
  from: instant,
  to: instant,
  sketch,
  /** Whole windows of the package's `drift.window`, ascending: what they vary by is no drift. */
  windows: z.array(z.strictObject({ from: instant, rows, sketch })).check(z.maxLength(maxReferenceWindows)),
});

export type Reference = z.infer<typeof reference>;
