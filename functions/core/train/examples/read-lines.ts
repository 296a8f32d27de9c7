import type * as z from "zod/mini";
import { linesOf } from "../../decode/gzip-lines.ts";
import type { FetchedObject } from "./get-ahead.ts";

/**
 * Read an object of gzip NDJSON line by line.
 *
 * Lines that are not what they should be are left out, and so is what cannot be unzipped: `noteDamaged` is told.
 */
export async function* readLines<Line extends z.ZodMiniType>(
  { key, bytes }: FetchedObject,
  schema: Line,
  noteDamaged: (message: string) => void,
): AsyncGenerator<z.infer<Line>> {
  if (bytes === undefined) return noteDamaged(`${key}: gone since it was listed`);
  let lineNumber = 0;
  for await (const lines of unzipped(bytes, (reason) =>
    noteDamaged(`${key}: cannot be unzipped beyond line ${lineNumber}: ${reason}`),
  )) {
    for (const line of lines) {
      lineNumber++;
      const parsed = schema.safeParse(jsonOf(line));
      if (parsed.success) yield parsed.data;
      else
        noteDamaged(
          `${key}: line ${lineNumber} is no ${key.split("/")[0] === "early" ? "early outcome" : "example"}`,
        );
    }
  }
}

async function* unzipped(
  bytes: Uint8Array,
  noteEnd: (reason: string) => void,
): AsyncGenerator<readonly string[]> {
  try {
    yield* linesOf(bytes);
  } catch (error) {
    noteEnd((error as Error).message);
  }
}

/** Undefined, which no schema takes, for what is no JSON. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
