import type { Aliases, LedgerEntry } from "../../functions/contract/ledger.ts";
import { previousChampion } from "../../functions/core/rollout/previous-champion.ts";

/**
 * The commands that put the aliases back as they were before a move.
 *
 * @param history - newest first, the move's entry at the front and the one before it behind.
 */
export function undoCommands(history: readonly LedgerEntry[], stageOption: string): readonly string[] {
  const [after, before] = history;
  if (after === undefined || before === undefined) return [];
  const { model } = after;
  const commands: string[] = [];
  const isChanged = (alias: keyof Aliases) =>
    JSON.stringify(after.aliases[alias]) !== JSON.stringify(before.aliases[alias]);
  const champion = before.aliases.champion?.digest;
  if (champion !== undefined && isChanged("champion"))
    commands.push(
      previousChampion(history) === champion ? `rollback ${model}` : `promote ${model} ${short(champion)}`,
    );
  for (const [alias, action] of [
    ["challenger", "share"],
    ["shadow", "shadow"],
  ] as const) {
    if (!isChanged(alias)) continue;
    const standing = before.aliases[alias];
    commands.push(
      standing === undefined
        ? `${action} ${model} off`
        : `${action} ${model} ${short(standing.digest)} ${percentOf(standing)}`,
    );
  }
  return commands.map((command) => `npm run models -- ${command}${stageOption}`);
}

function percentOf(target: { readonly share: number } | { readonly sample: number }): number {
  return Number((100 * ("share" in target ? target.share : target.sample)).toPrecision(6));
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
