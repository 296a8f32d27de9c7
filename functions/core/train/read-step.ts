import type * as z from "zod/mini";
import { InputError } from "../errors.ts";

/**
 * Read what the workflow gave a step.
 *
 * @throws {InputError} `input.malformed` where it is something else; every difference is named.
 */
export function readStep<Schema extends z.ZodMiniType>(
  step: string,
  schema: Schema,
  event: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "event"}: ${message}`);
  throw new InputError(
    `${step}: got something else than the step before gave: ${issues.join("; ")}; call it from the learning workflow`,
    { code: "input.malformed", details: { step, issues }, cause: parsed.error },
  );
}
