import { type EndedRun, type LearningRecord, maxEnded } from "./learning-record.ts";

/**
 * Note how an execution ended, once.
 *
 * @returns undefined where the record says so already, or another execution runs: there is nothing to write.
 */
export function endRun(
  record: LearningRecord | undefined,
  ended: Omit<EndedRun, "reason" | "by" | "startedAt">,
): LearningRecord | undefined {
  if (record?.running?.execution !== ended.execution) return undefined;
  return {
    revision: record.revision + 1,
    ended: [...record.ended, { ...record.running, ...ended }].slice(-maxEnded),
  };
}
