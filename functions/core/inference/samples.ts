import * as z from "zod/mini";
import { prediction } from "../../contract/prediction.ts";

/** One line of `samples.jsonl`: an event, and the outputs the model is known to give for it. */
export const sample = z.strictObject({
  event: z.record(z.string(), z.unknown()),
  /** What windowed features read from their views, by name; the window of one that is not named is empty. */
  features: z.optional(z.record(z.string(), z.number())),
  outputs: prediction.shape.outputs,
});

export type Sample = z.infer<typeof sample>;
export type OutputValue = Sample["outputs"][string];

/**
 * Compare an answer with a sample: numbers within the tolerance, strings to the letter, lists element by element.
 *
 * @param tolerance - greatest absolute difference allowed.
 * @returns one message per output that differs; outputs that the sample does not name are not compared.
 */
export function differencesFrom(
  expected: Sample["outputs"],
  got: Sample["outputs"],
  tolerance: number,
): string[] {
  return Object.entries(expected)
    .filter(([name, value]) => !agree(value, got[name], tolerance))
    .map(
      ([name, value]) =>
        `output "${name}": got ${JSON.stringify(got[name])}, expected ${JSON.stringify(value)}${typeof value === "string" ? "" : ` within ${tolerance}`}`,
    );
}

function agree(expected: OutputValue, got: OutputValue | undefined, tolerance: number): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(got) &&
      got.length === expected.length &&
      expected.every((each, i) => agree(each, got[i], tolerance))
    );
  }
  if (typeof expected === "number") return typeof got === "number" && Math.abs(got - expected) <= tolerance;
  return got === expected;
}
