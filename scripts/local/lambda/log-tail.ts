import type { Run } from "./execution-environment.ts";

/** What `LogType: Tail` returns at most. @see AWS Lambda API reference, Invoke */
export const maxTailBytes = 4096;

/** The end of an invocation's log as Lambda writes it: START, the function's lines, END and REPORT. */
export function logTail(run: Run, requestId: string, memoryMiB: number): string {
  const { durationMs, initDurationMs, maxMemoryMiB } = run;
  const report = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${durationMs.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(durationMs + (initDurationMs ?? 0))} ms`,
    `Memory Size: ${memoryMiB} MB`,
    ...(maxMemoryMiB === undefined ? [] : [`Max Memory Used: ${Math.ceil(maxMemoryMiB)} MB`]),
    ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs.toFixed(2)} ms`]),
  ].join("\t");
  const lines = [
    `START RequestId: ${requestId} Version: $LATEST`,
    ...run.logLines,
    `END RequestId: ${requestId}`,
    report,
  ];
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  return bytes.subarray(Math.max(0, bytes.length - maxTailBytes)).toString("utf8");
}
