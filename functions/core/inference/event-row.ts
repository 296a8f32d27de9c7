import { InputError } from "../errors.ts";
import type { Problem } from "../features/column.ts";
import type { RowBuffers } from "../features/row-buffers.ts";
import type { EventIdentity } from "../prediction/event-identity.ts";
import type { ModelProgram } from "./model-program.ts";

/**
 * Read an event into the program's fields.
 *
 * @param source - a record's base64 data, or an event's own bytes; gzip is told by its magic bytes.
 * @returns why it cannot be read, if so.
 */
export function readEvent({ payloads, reader }: ModelProgram, source: string | Buffer): Problem | undefined {
  try {
    reader.read(typeof source === "string" ? payloads.decode(source) : payloads.open(source));
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Encode the event that was read last into a row. @returns who it is about, or every reason why it cannot be used. */
export function encodeRow(
  { identity, encoder, reader: { fields } }: ModelProgram,
  buffers: RowBuffers,
  row: number,
): EventIdentity | Problem {
  const known = identity.read(fields);
  const encoded = encoder.encode(fields, buffers, row);
  if (encoded && !Array.isArray(known)) return known;
  const problems = Array.isArray(known) ? known : [];
  return joinProblems(encoded ? problems : [...problems, ...encoder.explain(fields, buffers, row)]);
}

/**
 * Write what the windows hold into a row.
 *
 * @param values - one per windowed feature; NaN where the window is empty.
 * @returns every reason why the model cannot take it, if so.
 */
export function writeWindows(
  { windowed }: Pick<ModelProgram, "windowed">,
  values: Float64Array,
  { buffers, row }: { readonly buffers: RowBuffers; readonly row: number },
): Problem | undefined {
  return windowed.write(values, buffers, row) ? undefined : joinProblems(windowed.explain(values));
}

export function isProblem(result: EventIdentity | Problem): result is Problem {
  return "code" in result;
}

/** Several reasons as one: the first one's code, all of the messages. */
export function joinProblems(problems: readonly Problem[]): Problem {
  return { code: problems[0]!.code, message: problems.map(({ message }) => message).join(" | ") };
}
