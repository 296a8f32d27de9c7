import type { Aliases, LedgerEntry } from "../../contract/ledger.ts";

/** What an entry did, in words: `made 3fa9c1d2e4b5 champion (promote)`. */
export function changeWords({ change, aliases }: Pick<LedgerEntry, "change" | "aliases">): string {
  if (change.kind === "publish") {
    const { digest, alias } = change;
    return `published ${shortDigest(digest)}${alias === undefined ? "" : ` as ${targetWords(aliases, alias)}`}`;
  }
  if (change.digest === undefined) return `stopped the ${change.alias}`;
  const action = change.action === "rollback" ? "rolled back to" : "made";
  const rest = change.action === "rollback" ? "" : ` ${targetWords(aliases, change.alias)}`;
  return `${action} ${shortDigest(change.digest)}${rest}`;
}

/** What is live, in words: `champion 3fa9c1d2e4b5, challenger 77ab01c2d3e4 (20 %)`. */
export function aliasWords(aliases: Aliases): string {
  const { champion, challenger, shadow } = aliases;
  const parts = [
    champion && `champion ${shortDigest(champion.digest)}`,
    challenger && `challenger ${shortDigest(challenger.digest)} (${percentText(challenger.share)})`,
    shadow && `shadow ${shortDigest(shadow.digest)} (${percentText(shadow.sample)})`,
  ];
  return parts.filter((part) => part !== undefined).join(", ") || "nothing";
}

/** As many digits as people read; commands take six or more. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}

/** A ratio as a percentage, without digits that say nothing: `20 %`, `0.5 %`. */
export function percentText(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(6))} %`;
}

function targetWords(aliases: Aliases, alias: keyof Aliases): string {
  if (alias === "challenger" && aliases.challenger)
    return `challenger with ${percentText(aliases.challenger.share)}`;
  if (alias === "shadow" && aliases.shadow) return `shadow of ${percentText(aliases.shadow.sample)}`;
  return alias;
}
