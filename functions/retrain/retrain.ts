import { ConflictError } from "../core/errors.ts";
import type { Logger } from "../core/observe/logger.ts";
import { admitRun, type RetrainRequest, type RetrainRules } from "../core/train/loop/admit-run.ts";
import { endRun } from "../core/train/loop/end-run.ts";
import type { LearningRecord, LearningStore } from "../core/train/loop/learning-record.ts";
import type { Workflow } from "../core/train/loop/workflow.ts";

export interface RetrainDeps {
  readonly model: string;
  readonly store: LearningStore;
  readonly workflow: Workflow;
  readonly rules: RetrainRules;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** What became of a request: who asks is told which execution it is, or why there is none. */
export type RetrainAnswer =
  | { readonly started: true; readonly execution: string }
  | { readonly started: false; readonly execution?: string; readonly why: string };

/** A conflict means that another request got through, and there are only so many at once. */
const maxAttempts = 10;

/**
 * Start the one execution that several requests may ask for at once.
 *
 * The record names it before it is started, so that a request that comes upon an execution which never was started
 * starts it, under the same name, and one whose end was not noted notes it.
 *
 * @throws {DependencyError} when the record or the workflow cannot be reached.
 */
export async function retrain(
  request: Omit<RetrainRequest, "nowMs">,
  deps: RetrainDeps,
): Promise<RetrainAnswer> {
  const { model, store, workflow, rules, logger } = deps;
  for (let attempt = 1; ; attempt++) {
    const record = await settled(await store.read(model), deps);
    const admission = admitRun(model, record, { ...request, nowMs: deps.now() }, rules);
    if (admission.kind === "refused") {
      logger.info("no execution was started", { ...request, why: admission.why });
      return { started: false, why: admission.why };
    }
    if (admission.kind === "running") {
      const { execution, startedAt } = admission.run;
      // It may have been named and not started, by a request that ended between the two.
      await workflow.start(admission.run);
      return { started: false, execution, why: `execution ${execution} of ${startedAt} is running` };
    }
    try {
      await store.write(model, admission.record);
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === maxAttempts) throw error;
      continue;
    }
    await workflow.start(admission.run);
    logger.info("execution started", { ...admission.run });
    return { started: true, execution: admission.run.execution };
  }
}

/** The record without an execution that has ended and could not say so. */
async function settled(
  record: LearningRecord | undefined,
  { model, store, workflow, now }: RetrainDeps,
): Promise<LearningRecord | undefined> {
  const running = record?.running;
  if (running === undefined || (await workflow.status(running.execution)) !== "ended") return record;
  const noted = endRun(record, {
    execution: running.execution,
    endedAt: new Date(now()).toISOString(),
    end: "failed",
    why: "it ended without a word",
  })!;
  try {
    await store.write(model, noted);
    return noted;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return await store.read(model);
  }
}
