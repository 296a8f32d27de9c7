import type { LedgerEntry } from "../../functions/contract/ledger.ts";
import { aliasWords, changeWords } from "../../functions/core/rollout/entry-words.ts";
import type { MovedAlias } from "../../functions/core/rollout/move-alias.ts";
import { undoCommands } from "./undo-commands.ts";

/** A move and what is around it. */
export interface ShownMove extends MovedAlias {
  /** Newest first, with the entry. */
  readonly history: readonly LedgerEntry[];
  /** What commands need to find the stage, e.g. ` --stage prod`; nothing for the default. */
  readonly stageOption: string;
}

/** Tell people what a move did, and how it is taken back. */
export function showMove({ outcome, entry, before, advice, history, stageOption }: ShownMove): string {
  const { model, revision, at, by, why } = entry;
  if (outcome === "unchanged")
    return `${model}: it is so already; nothing was written\n  live       ${aliasWords(entry.aliases)}`;
  return [
    `${model}: ${changeWords(entry)}`,
    `  before     ${aliasWords(before.aliases)}`,
    `  live       ${aliasWords(entry.aliases)}`,
    `  ledger     revision ${revision}, ${at}, by ${by}: ${why}`,
    ...undoCommands(history, stageOption).map((command) => `  undo       ${command}`),
    ...advice.map((line) => `  advice     ${line}`),
  ].join("\n");
}

/** What `--json` prints: stable, one object. */
export function moveJson({ outcome, entry, before, advice, history, stageOption }: ShownMove): string {
  return JSON.stringify({
    outcome,
    entry,
    before: before.aliases,
    undo: outcome === "unchanged" ? [] : undoCommands(history, stageOption),
    advice,
  });
}
