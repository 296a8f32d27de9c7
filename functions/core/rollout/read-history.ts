import type { LedgerEntry } from "../../contract/ledger.ts";
import { DependencyError } from "../errors.ts";
import type { Ledger } from "./ledger.ts";

const maxReads = 10;

/**
 * Read a model's whole history, newest first, that lacks no entry which stood before: of the ledger's reads only that of
 * the newest entry is sure to.
 *
 * @throws {DependencyError} when the history lags behind for long, or the ledger cannot be read.
 */
export async function readHistory(ledger: Ledger, model: string): Promise<readonly LedgerEntry[]> {
  const newest = (await ledger.latest(model))?.revision ?? 0;
  for (let read = 1; read <= maxReads; read++) {
    const history = await ledger.history(model);
    if ((history[0]?.revision ?? 0) >= newest) return history;
  }
  throw new DependencyError(
    `ledger: got a history of ${model} without revision ${newest} ${maxReads} times; try again`,
    { code: "dependency.unavailable", details: { model, revision: newest } },
  );
}
