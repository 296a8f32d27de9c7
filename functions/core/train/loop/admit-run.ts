import type { RetrainReason } from "../../../contract/learning.ts";
import type { LearningRecord, LearningRun } from "./learning-record.ts";

/** Somebody wants a model trained anew. */
export interface RetrainRequest {
  readonly reason: RetrainReason;
  readonly by: string;
  readonly nowMs: number;
}

/** When alarms may start an execution; schedules and people always may. */
export interface RetrainRules {
  /** Hours after the start of an execution in which no alarm starts another. */
  readonly coolDownHours: number;
  /** Executions in any 30 days, whoever starts them, from which on no alarm starts another. */
  readonly mostPerMonth: number;
}

export type Admission =
  | { readonly kind: "admitted"; readonly record: LearningRecord; readonly run: LearningRun }
  /** An execution runs already: whoever asks is told which. */
  | { readonly kind: "running"; readonly run: LearningRun }
  | { readonly kind: "refused"; readonly why: string };

const hourMs = 3_600_000;
const monthMs = 30 * 24 * hourMs;

/**
 * Decide whether a request starts an execution.
 *
 * @param record - as it stands; undefined where there never was one.
 */
export function admitRun(
  model: string,
  record: LearningRecord | undefined,
  { reason, by, nowMs }: RetrainRequest,
  { coolDownHours, mostPerMonth }: RetrainRules,
): Admission {
  const { revision = 0, running, ended = [] } = record ?? {};
  if (running !== undefined) return { kind: "running", run: running };
  if (reason === "drift" || reason === "accuracy") {
    const last = ended.at(-1);
    const sinceMs = last === undefined ? Infinity : nowMs - Date.parse(last.startedAt);
    if (sinceMs < coolDownHours * hourMs) {
      return {
        kind: "refused",
        why: `an execution began at ${last!.startedAt}, and alarms start none within ${coolDownHours} h of another`,
      };
    }
    const recent = ended.filter(({ startedAt }) => nowMs - Date.parse(startedAt) < monthMs).length;
    if (recent >= mostPerMonth) {
      return {
        kind: "refused",
        why: `${recent} executions began within 30 days, and alarms start none from ${mostPerMonth} on`,
      };
    }
  }
  const startedAt = new Date(nowMs).toISOString();
  const run = { execution: executionName(model, revision + 1, startedAt), reason, by, startedAt };
  return { kind: "admitted", run, record: { revision: revision + 1, running: run, ended: [...ended] } };
}

/** SageMaker's jobs, which are named after executions, have at most 63 characters; a model's name alone may have as many. */
function executionName(model: string, revision: number, startedAt: string): string {
  const day = startedAt.slice(0, "yyyy-mm-dd".length).replaceAll("-", "");
  return `${model.slice(0, 46)}-${day}-${revision}`;
}
