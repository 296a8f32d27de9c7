import type { ModelDigest } from "../../contract/ids.ts";
import type { Aliases } from "../../contract/ledger.ts";

/** What one alias is to name, and with what share or sample, each from 0 to 1. */
export type AliasTarget =
  | { readonly alias: "champion"; readonly digest: ModelDigest }
  | { readonly alias: "challenger"; readonly digest: ModelDigest; readonly share: number }
  | { readonly alias: "shadow"; readonly digest: ModelDigest; readonly sample: number };

/** The alias map once an alias names a version: a version has one alias, so that the others that named it go. */
export function withAlias(aliases: Aliases, target: AliasTarget): Aliases {
  const { alias, ...value } = target;
  const others = Object.entries(aliases).filter(
    ([name, each]) => name === "champion" || each?.digest !== target.digest,
  );
  return { ...Object.fromEntries(others), [alias]: value };
}

/** Whether an alias names this very thing already, by the same share or sample. */
export function isStanding(aliases: Aliases, { alias, ...wanted }: AliasTarget): boolean {
  const standing: Readonly<Record<string, unknown>> | undefined = aliases[alias];
  return standing !== undefined && Object.entries(wanted).every(([key, value]) => standing[key] === value);
}

/** The alias map once an alias names nothing. */
export function withoutAlias(aliases: Aliases, alias: "challenger" | "shadow"): Aliases {
  const { [alias]: _, ...others } = aliases;
  return others;
}
