/**
 * Headings of docs/operations.md that say what an alarm means and what to do, as GitHub makes anchors of them.
 *
 * Every alarm's description ends with one; a test checks that the document has them all.
 */
export const alarmEntries = [
  "errors",
  "throttles",
  "rejected",
  "conflicting",
  "model",
  "dependencies",
  "iteratorage",
  "parked",
  "dropped",
  "cachemismatch",
  "servererrors",
  "latency",
  "alias",
  "challengererrors",
  "challengerstopped",
  "memory",
  "guarderrors",
  "sketches",
  "drift",
  "drifterrors",
  "accuracy",
  "retrainerrors",
  "learningfailed",
  "budget",
] as const;

export type AlarmEntry = (typeof alarmEntries)[number];

/** Where an entry stands, from the project's root. */
export function linkTo(entry: AlarmEntry): string {
  return `docs/operations.md#${entry}`;
}
