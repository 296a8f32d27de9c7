import * as z from "zod/mini";

/** A dotted path into the event, e.g. `distance` or `aircraft.age`; a key that contains a dot cannot be named. */
export const path = z
  .string()
  .check(z.regex(/^[^.\s]+(\.[^.\s]+)*$/, "must be a dotted path such as distance or aircraft.age"));
