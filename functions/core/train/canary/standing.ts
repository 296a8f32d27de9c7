import type { ModelDigest } from "../../../contract/ids.ts";
import type { LedgerEntry, Role } from "../../../contract/ledger.ts";

const roles: readonly Role[] = ["champion", "challenger", "shadow"];

/** The alias that names a version in an entry; a version has one at most. */
export function roleOf({ aliases }: Pick<LedgerEntry, "aliases">, digest: ModelDigest): Role | undefined {
  return roles.find((role) => aliases[role]?.digest === digest);
}

/**
 * The entry by which a version came to the alias that it has, however its share was changed since.
 *
 * @param history - newest first.
 */
export function placingEntry(history: readonly LedgerEntry[], digest: ModelDigest): LedgerEntry | undefined {
  const newest = history[0];
  const role = newest && roleOf(newest, digest);
  if (role === undefined) return undefined;
  const before = history.findIndex((entry) => roleOf(entry, digest) !== role);
  return history.at(before === -1 ? -1 : before - 1);
}

/** The entry that took a version away, which is live under no alias; undefined where it never was. */
export function removingEntry(history: readonly LedgerEntry[], digest: ModelDigest): LedgerEntry | undefined {
  const before = history.findIndex((entry) => roleOf(entry, digest) !== undefined);
  return before <= 0 ? undefined : history[before - 1];
}
