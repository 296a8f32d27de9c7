import type { LedgerEntry } from "../../functions/contract/ledger.ts";
import {
  aliasWords,
  changeWords,
  percentText,
  shortDigest,
} from "../../functions/core/rollout/entry-words.ts";
import { formatTable } from "../summary/table.ts";
import type { ModelReport } from "./model-report.ts";

/** The models of a stage, a line each. */
export function formatModels(reports: readonly ModelReport[]): readonly string[] {
  const rows = reports.map(({ model, aliases, versions, newest }) => {
    const cell = (alias: string) => {
      const found = aliases.find((each) => each.alias === alias);
      if (found === undefined) return "–";
      return found.ratio === null
        ? shortDigest(found.digest)
        : `${shortDigest(found.digest)} ${percentText(found.ratio)}`;
    };
    const roles = [cell("champion"), cell("challenger"), cell("shadow")];
    return [model, ...roles, String(versions.length), secondOf(newest.at)];
  });
  const head = ["model", "champion", "challenger", "shadow", "versions", "last entry, UTC"];
  return formatTable([head, ...rows], { gap: 2, alignRight: [4] });
}

/** The versions of one model, the newest first. */
export function formatVersions({ versions }: ModelReport): readonly string[] {
  const rows = versions.map(({ digest, alias, published, by, why }) => [
    shortDigest(digest),
    alias ?? "",
    secondOf(published),
    by,
    why,
  ]);
  return formatTable([["version", "alias", "published, UTC", "by", "why"], ...rows], { gap: 2 });
}

/** What is live of one model, and how it came to be. */
export function formatModel(
  { model, revision, aliases, newest }: ModelReport,
  verdict: readonly string[],
): readonly string[] {
  const rows = aliases.map(({ alias, digest, ratio, since }) => [
    alias,
    shortDigest(digest),
    ratio === null ? "" : percentText(ratio),
    secondOf(since),
  ]);
  const table =
    rows.length === 0
      ? ["  nothing is live"]
      : formatTable([["alias", "version", "share", "since, UTC"], ...rows], { gap: 2, alignRight: [2] }).map(
          (line) => `  ${line}`,
        );
  return [
    `${model}, revision ${revision} of ${secondOf(newest.at)} UTC by ${newest.by}: ${newest.why}`,
    ...table,
    ...verdict.map((line) => (line === "" ? line : `  ${line}`)),
  ];
}

/** The ledger, the newest entry first. */
export function formatHistory(history: readonly LedgerEntry[]): readonly string[] {
  const rows = history.map((entry) => [
    String(entry.revision),
    secondOf(entry.at),
    changeWords(entry),
    aliasWords(entry.aliases),
    entry.by,
    entry.why,
  ]);
  const head = ["rev", "at, UTC", "what", "live from then on", "by", "why"];
  return formatTable([head, ...rows], { gap: 2, alignRight: [0] });
}

function secondOf(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}
