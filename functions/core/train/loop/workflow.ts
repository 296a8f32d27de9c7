import type { LearningRun } from "./learning-record.ts";

/** How an execution stands. */
export type ExecutionStatus = "running" | "ended" | "unknown";

/** The workflow of a model. */
export interface Workflow {
  /** Start an execution; one of that name and input that there is already is left as it is. @throws {DependencyError} */
  start(run: LearningRun): Promise<void>;
  /** @returns `unknown` where there is none of that name. @throws {DependencyError} */
  status(execution: string): Promise<ExecutionStatus>;
}
