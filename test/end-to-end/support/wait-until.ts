import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "./stage.ts";

const pollMs = 25;
const defaultTimeoutMs = 40_000;

/**
 * Wait until a condition holds.
 *
 * @param missing - says in words what is still missing, or nothing when the condition holds.
 * @throws {Error} at the deadline, with what was missing then and the newest lines of the functions' log.
 */
export async function waitUntil(
  stage: Pick<Stage, "recentLog">,
  missing: () => Promise<string | undefined> | string | undefined,
  timeoutMs: number = defaultTimeoutMs,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const what = await missing();
    if (what === undefined) return;
    if (performance.now() > deadlineMs) {
      throw new Error(
        `after ${timeoutMs / 1000} s still missing: ${what}\nnewest log lines:\n${lastLines(stage)}`,
      );
    }
    await sleep(pollMs);
  }
}

/** Wait until no invocation runs and every record that arrived is done. */
export async function untilIdle(stage: Stage): Promise<void> {
  let isIdle = false;
  void stage.cloud.lambda.idle().then(() => {
    isIdle = true;
  });
  await waitUntil(stage, () => (isIdle ? undefined : "that the functions have nothing left to do"));
}

function lastLines(stage: Pick<Stage, "recentLog">): string {
  return stage
    .recentLog()
    .split("\n")
    .slice(-12)
    .map((line) => line.slice(0, 500))
    .join("\n");
}
