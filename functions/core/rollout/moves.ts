import type { ModelDigest } from "../../contract/ids.ts";
import type { Aliases, LedgerEntry } from "../../contract/ledger.ts";
import { InputError, ModelNotFoundError } from "../errors.ts";
import { type AliasTarget, isStanding, withAlias, withoutAlias } from "./alias-change.ts";
import { previousChampion } from "./previous-champion.ts";
import { versionOf } from "./version-of.ts";

/** A version in the words of whoever asks: an alias, a digest, or the first six or more digits of one. */
type VersionText = string;

/** What somebody wants done with the aliases of a model. */
export type Move =
  | { readonly kind: "promote"; readonly version: VersionText }
  | { readonly kind: "rollback" }
  /** `share`: of the entities that it answers, from 0 (it only scores beside the champion) to 1. */
  | { readonly kind: "share"; readonly version: VersionText; readonly share: number }
  /** `sample`: of the events that it scores, above 0, at most 1. */
  | { readonly kind: "shadow"; readonly version: VersionText; readonly sample: number }
  /** `version`: stop this one and no other; without it whichever the alias names. */
  | { readonly kind: "stop"; readonly alias: "challenger" | "shadow"; readonly version?: VersionText };

/** Who moves, and what for. */
export interface MoveNote {
  readonly by: string;
  readonly why: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/**
 * Decide what a move makes of the newest entry.
 *
 * @param history - the model's entries, newest first; none where nothing was published.
 * @returns the entry to append: one revision on, dated now but never before the newest; undefined where the aliases
 *   stand so already.
 * @throws {ModelNotFoundError} `model.unknown`, `model.alias` or `model.version` when what is named is not there.
 * @throws {InputError} `input.range` when the move makes no sense.
 */
export function decideMove(
  history: readonly LedgerEntry[],
  { model, move, note }: { readonly model: string; readonly move: Move; readonly note: MoveNote },
): LedgerEntry | undefined {
  const newest = history[0];
  if (newest === undefined) {
    throw new ModelNotFoundError(`model "${model}": nothing was published; publish a package`, {
      code: "model.unknown",
      details: { model },
    });
  }
  const decided = move.kind === "stop" ? stopped(history, move) : named(history, move);
  if (decided === undefined) return undefined;
  return followUp(newest, { model, ...note }, decided);
}

/** The entry that follows another. @param newest - undefined for a model's first. */
export function followUp(
  newest: LedgerEntry | undefined,
  { model, by, why, nowMs }: MoveNote & { readonly model: string },
  decided: Pick<LedgerEntry, "change" | "aliases">,
): LedgerEntry {
  // Clocks of those who write differ: time in the ledger stands still rather than going back.
  const atMs = Math.max(nowMs, newest === undefined ? Number.NEGATIVE_INFINITY : Date.parse(newest.at));
  const revision = (newest?.revision ?? 0) + 1;
  return { model, revision, at: new Date(atMs).toISOString(), by, why, ...decided };
}

type Decided = Pick<LedgerEntry, "change" | "aliases">;

function named(
  history: readonly LedgerEntry[],
  move: Exclude<Move, { readonly kind: "stop" }>,
): Decided | undefined {
  const { model, aliases } = history[0]!;
  const target = targetOf(history, move);
  assertTarget(model, aliases, target);
  if (isStanding(aliases, target)) return undefined;
  return {
    change: { kind: "alias", action: move.kind, alias: target.alias, digest: target.digest },
    aliases: withAlias(aliases, target),
  };
}

function targetOf(
  history: readonly LedgerEntry[],
  move: Exclude<Move, { readonly kind: "stop" }>,
): AliasTarget {
  switch (move.kind) {
    case "promote":
      return { alias: "champion", digest: versionOf(history, move.version) };
    case "rollback":
      return { alias: "champion", digest: requirePrevious(history) };
    case "share":
      return { alias: "challenger", digest: versionOf(history, move.version), share: move.share };
    case "shadow":
      return { alias: "shadow", digest: versionOf(history, move.version), sample: move.sample };
  }
}

function requirePrevious(history: readonly LedgerEntry[]): ModelDigest {
  const digest = previousChampion(history);
  if (digest !== undefined) return digest;
  const { model, aliases } = history[0]!;
  const present =
    aliases.champion === undefined ? "no champion" : `${short(aliases.champion.digest)} as champion`;
  throw new ModelNotFoundError(
    `model "${model}": got ${present} and none before it to go back to; promote a version by its digest`,
    { code: "model.alias", details: { model } },
  );
}

/** @throws {InputError} when the target makes no sense beside what is live. */
export function assertTarget(model: string, { champion }: Aliases, target: AliasTarget): void {
  if (target.alias === "champion") return;
  const isShare = target.alias === "challenger";
  const ratio = isShare ? target.share : target.sample;
  if (!(ratio >= 0 && ratio <= 1) || (!isShare && ratio === 0)) {
    throw new InputError(
      `model "${model}", ${isShare ? "share" : "sample"}: got ${percent(ratio)}, expected ${isShare ? "from 0" : "above 0"} to 100 %; stop the ${target.alias} to have none`,
      { code: "input.range", details: { model, alias: target.alias } },
    );
  }
  if (champion === undefined) {
    throw new ModelNotFoundError(
      `model "${model}": got no champion that a ${target.alias} could stand beside; promote a version first`,
      { code: "model.alias", details: { model, alias: "champion" } },
    );
  }
  if (champion.digest !== target.digest) return;
  throw new InputError(
    `model "${model}": got ${short(target.digest)} as ${target.alias}, which is the champion; name another version`,
    { code: "input.range", details: { model, digest: target.digest } },
  );
}

function stopped(
  history: readonly LedgerEntry[],
  { alias, version }: Extract<Move, { readonly kind: "stop" }>,
): Decided | undefined {
  const { model, aliases } = history[0]!;
  const digest = version === undefined ? undefined : versionOf(history, version);
  const standing = aliases[alias]?.digest;
  if (standing === undefined) return undefined;
  if (digest !== undefined && digest !== standing) {
    throw new InputError(
      `model "${model}": got ${short(digest)} to stop as ${alias}, which ${short(standing)} is; name that one`,
      { code: "input.range", details: { model, alias, digest } },
    );
  }
  return { change: { kind: "alias", action: "stop", alias }, aliases: withoutAlias(aliases, alias) };
}

function short(digest: ModelDigest): string {
  return digest.slice(0, 12);
}

function percent(ratio: number): string {
  return `${ratio * 100} %`;
}
