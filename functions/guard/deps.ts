import type { Logger } from "../core/observe/logger.ts";
import type { FunctionEnvironment } from "../core/rollout/function-environment.ts";
import type { Ledger } from "../core/rollout/ledger.ts";

/** Everything the guard function leans on. */
export interface GuardDeps {
  readonly stage: string;
  /** The models of the stage. */
  readonly models: readonly string[];
  readonly ledger: Ledger;
  readonly functions: FunctionEnvironment;
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Start the waits of one action that somebody else's may be in the way of. */
  readonly startWaits: () => Waits;
}

export interface Waits {
  /**
   * Wait before the attempt after number `attempt` (1 for the first).
   *
   * @returns false, at once, when there is to be no further attempt.
   */
  wait(attempt: number): Promise<boolean>;
}
