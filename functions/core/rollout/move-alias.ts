import type { LedgerEntry } from "../../contract/ledger.ts";
import { ConflictError } from "../errors.ts";
import { aliasWords, changeWords } from "./entry-words.ts";
import type { Ledger } from "./ledger.ts";
import { decideMove, type Move } from "./moves.ts";
import { readHistory } from "./read-history.ts";

export interface MoveAliasOptions {
  readonly ledger: Ledger;
  readonly model: string;
  readonly move: Move;
  /** Who moves, and what for: it stays in the ledger. */
  readonly by: string;
  readonly why: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Asked before anything is written whether the move is sound; throws to refuse it.
   *
   * @default every move is
   */
  readonly check?: (planned: PlannedMove) => Promise<MoveRemark | undefined>;
}

/** What there is to say of a move that is not refused. */
export interface MoveRemark {
  /** Stands behind the reason in the ledger. */
  readonly remark: string;
  /** Lines for whoever moves. */
  readonly advice: readonly string[];
}

/** A move that is about to be made. */
export interface PlannedMove {
  readonly entry: LedgerEntry;
  /** Newest first, without the entry. */
  readonly history: readonly LedgerEntry[];
}

export interface MovedAlias {
  /** `unchanged`: the aliases stood so already, and nothing was written. */
  readonly outcome: "moved" | "unchanged";
  /** The entry written; for `unchanged`, the newest one. */
  readonly entry: LedgerEntry;
  /** The entry that was live before. */
  readonly before: LedgerEntry;
  /** What is left to do, as lines for whoever moves. */
  readonly advice: readonly string[];
}

/**
 * Move an alias: one entry in the ledger, or none where nothing changes.
 *
 * Who loses against somebody else's move is told, and nothing of theirs is undone: what they meant may no longer be
 * sound beside it.
 *
 * @throws {ConflictError} `dependency.conflict` when somebody else wrote first; the message says who and what is live.
 * @throws as `decideMove` and `check` do; nothing was written then.
 */
export async function moveAlias(options: MoveAliasOptions): Promise<MovedAlias> {
  const { ledger, model, move, by, why, now, check } = options;
  const history = await readHistory(ledger, model);
  const note = { by, why, nowMs: now() };
  const planned = decideMove(history, { model, move, note });
  const before = history[0]!;
  if (planned === undefined) return { outcome: "unchanged", entry: before, before, advice: [] };
  const found = await check?.({ entry: planned, history });
  const entry = found === undefined ? planned : { ...planned, why: `${why} (${found.remark})` };
  try {
    await ledger.append(entry);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    throw await explainConflict(ledger, entry, error);
  }
  return { outcome: "moved", entry, before, advice: found?.advice ?? [] };
}

/** Tell the loser of two moves who was first and what is live now. */
export async function explainConflict(
  ledger: Ledger,
  lost: LedgerEntry,
  cause: ConflictError,
): Promise<ConflictError> {
  const history = await readHistory(ledger, lost.model);
  const winner = history.find(({ revision }) => revision === lost.revision);
  const live = history[0];
  // The ledger said that the revision stands: without it there is nothing to tell.
  if (winner === undefined || live === undefined) return cause;
  return new ConflictError(
    `model "${lost.model}": got revision ${winner.revision} by ${winner.by}, who ${changeWords(winner)} at ${winner.at} (${winner.why}), expected revision ${lost.revision - 1} to be the newest; nothing was moved, live now: ${aliasWords(live.aliases)}; move again if it is still wanted`,
    { code: "dependency.conflict", details: { model: lost.model, winner, live }, cause },
  );
}
