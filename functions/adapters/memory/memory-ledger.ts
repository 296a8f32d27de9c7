import type { LedgerEntry } from "../../contract/ledger.ts";
import { ConflictError } from "../../core/errors.ts";
import type { Ledger } from "../../core/rollout/ledger.ts";

/** The ledger in a map. */
export class MemoryLedger implements Ledger {
  readonly #entries = new Map<string, Map<number, LedgerEntry>>();

  async latest(model: string): Promise<LedgerEntry | undefined> {
    return (await this.history(model, { limit: 1 }))[0];
  }

  async history(model: string, options: { limit?: number } = {}): Promise<readonly LedgerEntry[]> {
    const entries = [...(this.#entries.get(model)?.values() ?? [])];
    entries.sort((a, b) => b.revision - a.revision);
    return entries.slice(0, options.limit).map((entry) => structuredClone(entry));
  }

  async append(entry: LedgerEntry): Promise<void> {
    const entries = this.#entries.get(entry.model) ?? new Map<number, LedgerEntry>();
    if (entries.has(entry.revision)) {
      throw new ConflictError(
        `ledger: got revision ${entry.revision} of ${entry.model}, which exists; read the newest entry and decide anew`,
        { code: "dependency.conflict", details: { model: entry.model, revision: entry.revision } },
      );
    }
    entries.set(entry.revision, structuredClone(entry));
    this.#entries.set(entry.model, entries);
  }
}
