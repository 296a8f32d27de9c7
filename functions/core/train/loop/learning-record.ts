import * as z from "zod/mini";
import { learningEnd, retrainReason } from "../../../contract/learning.ts";

const run = z.strictObject({
  /** The workflow's execution: letters, digits, - and _, at most 80. */
  execution: z.string(),
  reason: retrainReason,
  /** Who or what asked. */
  by: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
});

const ended = z.strictObject({
  ...run.shape,
  endedAt: z.string(),
  end: learningEnd,
  /** What it came to, in words. */
  why: z.string(),
  /** Rows trained on, seconds of functions, dollars as estimated. */
  rows: z.optional(z.number()),
  seconds: z.optional(z.number()),
  dollars: z.optional(z.number()),
});

/** What is known of a model's retraining: at most one execution runs. */
export const learningRecord = z.strictObject({
  /** Written on condition that the one before stands. */
  revision: z.int(),
  running: z.optional(run),
  /** The newest last. */
  ended: z.array(ended),
});

export type LearningRun = z.infer<typeof run>;
export type EndedRun = z.infer<typeof ended>;
export type LearningRecord = z.infer<typeof learningRecord>;

/** Executions remembered. */
export const maxEnded = 100;

/** Where the record of each model stands. */
export interface LearningStore {
  /** By a consistent read; undefined where there never was an execution. @throws {DependencyError} */
  read(model: string): Promise<LearningRecord | undefined>;
  /**
   * Write a record, whose revision is one above the one that was read, or 1.
   *
   * @throws {ConflictError} when somebody else wrote that revision first; nothing was written.
   * @throws {DependencyError} when the store cannot be reached.
   */
  write(model: string, record: LearningRecord): Promise<void>;
}
