import type { Aliases, LedgerEntry, Role } from "../../functions/contract/ledger.ts";

/** One alias as it stands. */
export interface AliasReport {
  readonly alias: Role;
  readonly digest: string;
  /** Of a challenger its share, of a shadow its sample, from 0 to 1; null for a champion. */
  readonly ratio: number | null;
  /** Since when it names this version, ISO 8601; a share that changed is no other version. */
  readonly since: string;
}

export interface VersionReport {
  readonly digest: string;
  /** ISO 8601. */
  readonly published: string;
  readonly by: string;
  readonly why: string;
  /** What it is now. */
  readonly alias: Role | null;
}

/** A model as its ledger has it at one time. */
export interface ModelReport {
  readonly model: string;
  readonly revision: number;
  readonly aliases: readonly AliasReport[];
  /** The newest first. */
  readonly versions: readonly VersionReport[];
  readonly newest: LedgerEntry;
}

const aliasNames = ["champion", "challenger", "shadow"] as const;

/** @param history - a model's entries, newest first, at least one. */
export function reportModel(history: readonly LedgerEntry[]): ModelReport {
  const newest = history[0]!;
  const { model, revision, aliases } = newest;
  return {
    model,
    revision,
    aliases: aliasNames.flatMap((alias) => {
      const target = aliases[alias];
      if (target === undefined) return [];
      const since = sinceOf(history, alias, target.digest);
      return [{ alias, digest: target.digest, ratio: ratioOf(aliases, alias), since }];
    }),
    versions: history.flatMap(({ change, at, by, why }) =>
      change.kind === "publish"
        ? [{ digest: change.digest, published: at, by, why, alias: aliasOf(aliases, change.digest) }]
        : [],
    ),
    newest,
  };
}

/** The history as it was at a time. @param atMs - epoch milliseconds; undefined for now. */
export function historyAt(history: readonly LedgerEntry[], atMs: number | undefined): readonly LedgerEntry[] {
  return atMs === undefined ? history : history.filter(({ at }) => Date.parse(at) <= atMs);
}

/** Since the oldest entry of an unbroken row of entries in which the alias names this version. */
function sinceOf(history: readonly LedgerEntry[], alias: Role, digest: string): string {
  const other = history.findIndex(({ aliases }) => aliases[alias]?.digest !== digest);
  return history.at(other < 0 ? -1 : other - 1)!.at;
}

function ratioOf(aliases: Aliases, alias: Role): number | null {
  if (alias === "challenger") return aliases.challenger?.share ?? null;
  return alias === "shadow" ? (aliases.shadow?.sample ?? null) : null;
}

function aliasOf(aliases: Aliases, digest: string): Role | null {
  return aliasNames.find((alias) => aliases[alias]?.digest === digest) ?? null;
}
