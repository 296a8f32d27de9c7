import type { ModelDigest } from "../../../contract/ids.ts";
import type { LearningEnd } from "../../../contract/learning.ts";
import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { Move } from "../../rollout/moves.ts";
import { entriesOf } from "./learning-entries.ts";
import type { TriedVersion } from "./place-version.ts";
import { placingEntry, removingEntry, roleOf } from "./standing.ts";

/** What an execution comes to: by a move, or by what is so already. */
export interface Finish {
  /** Undefined where nothing is to be written. */
  readonly move: Move | undefined;
  readonly end: LearningEnd;
  readonly why: string;
}

/** Decide how a version becomes champion: as challenger only, for what is off by now somebody took off. @param history - newest first */
export function finishPromote(
  history: readonly LedgerEntry[],
  { execution, digest }: TriedVersion,
  why: string,
): Finish {
  const role = roleOf(history[0]!, digest);
  const isOwn = entriesOf(history, execution).some(
    ({ change }) => change.kind === "alias" && change.action === "promote" && change.digest === digest,
  );
  if (isOwn || role === "champion") return { move: undefined, end: "promoted", why };
  if (role === "challenger") return { move: { kind: "promote", version: digest }, end: "promoted", why };
  if (role === "shadow") {
    const { by, why: reason } = placingEntry(history, digest)!;
    return { move: undefined, end: "held", why: `it was made a shadow by ${by} (${reason}) meanwhile` };
  }
  const removing = removingEntry(history, digest);
  return {
    move: undefined,
    end: "rolledBack",
    why: removing === undefined ? "it was never challenger" : `${removing.by} took it off (${removing.why})`,
  };
}

/** Decide how a version is taken off. A champion stays, whoever made it one. @param history - newest first */
export function finishRollBack(history: readonly LedgerEntry[], digest: ModelDigest, why: string): Finish {
  const role = roleOf(history[0]!, digest);
  if (role === "champion") {
    const { by, why: reason } = placingEntry(history, digest)!;
    return { move: undefined, end: "promoted", why: `it is champion, by ${by} (${reason})` };
  }
  return { move: stopOf(role, digest), end: "rolledBack", why };
}

/** Decide what stays of a version without a verdict: the challenger, for people to decide; a shadow of the execution's own goes. @param history - newest first */
export function finishHold(
  history: readonly LedgerEntry[],
  { execution, digest }: TriedVersion,
  why: string,
): Finish {
  const role = roleOf(history[0]!, digest);
  const placing = placingEntry(history, digest);
  if (role === "champion") {
    return { move: undefined, end: "promoted", why: `it is champion, by ${placing!.by} (${placing!.why})` };
  }
  const isOwnShadow =
    role === "shadow" && entriesOf(history, execution).some(({ revision }) => revision === placing?.revision);
  return { move: isOwnShadow ? stopOf("shadow", digest) : undefined, end: "held", why };
}

/**
 * Decide what is left to take off after an error: any version of the execution that stands beside the champion.
 *
 * @param digests - the versions of the execution.
 * @returns the next move; there may be more after it.
 */
export function finishGiveUp(
  history: readonly LedgerEntry[],
  digests: readonly ModelDigest[],
): Move | undefined {
  for (const digest of digests) {
    const move = stopOf(roleOf(history[0]!, digest), digest);
    if (move !== undefined) return move;
  }
  return undefined;
}

function stopOf(role: ReturnType<typeof roleOf>, digest: ModelDigest): Move | undefined {
  if (role !== "challenger" && role !== "shadow") return undefined;
  return { kind: "stop", alias: role, version: digest };
}
