import type { LedgerEntry } from "../contract/ledger.ts";
import { ConflictError } from "../core/errors.ts";
import { decideMove, type Move } from "../core/rollout/moves.ts";
import { readHistory } from "../core/rollout/read-history.ts";
import { learner, learningWhy } from "../core/train/canary/learning-entries.ts";
import type { RolloutDeps } from "./deps.ts";

/** What is made of the ledger as it stands. */
export interface Decided<Result> {
  /** To be appended; undefined where nothing is to be written. */
  readonly entry?: LedgerEntry | undefined;
  readonly result: Result;
}

/** Others write seldom, and one at a time. */
const maxAttempts = 10;

/**
 * Decide by a model's history, and write what was decided; where somebody else wrote meanwhile, decide anew.
 *
 * @param decide - given the history, newest first; may be called several times.
 * @throws {ConflictError} when others were first at every attempt.
 */
export async function decideByLedger<Result>(
  { ledger, model }: Pick<RolloutDeps, "ledger" | "model">,
  decide: (history: readonly LedgerEntry[]) => Promise<Decided<Result>> | Decided<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const { entry, result } = await decide(await readHistory(ledger, model));
    if (entry === undefined) return result;
    try {
      await ledger.append(entry);
      return result;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === maxAttempts) throw error;
    }
  }
}

/** The entry of an execution's move; undefined where the aliases stand so already. */
export function moveEntry(
  history: readonly LedgerEntry[],
  { model, now }: Pick<RolloutDeps, "model" | "now">,
  { execution, move, why }: { readonly execution: string; readonly move: Move; readonly why: string },
): LedgerEntry | undefined {
  const note = { by: learner, why: learningWhy(execution, why), nowMs: now() };
  return decideMove(history, { model, move, note });
}
