import type { ModelDigest } from "../../../contract/ids.ts";
import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { Training } from "../../../contract/training.ts";
import { shortDigest } from "../../rollout/entry-words.ts";
import type { Verdict } from "../../rollout/verdict/verdict.ts";
import { publishOf } from "./learning-entries.ts";
import { heldByOthers, type TriedVersion } from "./place-version.ts";
import { placingEntry, removingEntry, roleOf } from "./standing.ts";

export interface CanaryDecision {
  readonly decision: "promote" | "rollBack" | "hold" | "wait" | "ask";
  readonly why: string;
}

export interface CanaryInput extends TriedVersion {
  /** Newest first. */
  readonly history: readonly LedgerEntry[];
  /** How it compares with the champion, under the alias that it has; undefined where nothing is known of it. */
  readonly verdict: Pick<Verdict, "decision" | "why"> | undefined;
  readonly atDeadline: Training["canary"]["atDeadline"];
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly nowMs: number;
  /** `ask`: a person has to make it champion, and was not asked yet. */
  readonly approval: "none" | "ask" | "asked";
  /** Why it cannot stand beside the present champion; none where it can. */
  readonly misfits: readonly string[];
}

/**
 * Decide what becomes of a version that is tried live.
 *
 * What people and the guard did to the aliases meanwhile stands: it is told, and the execution ends by it.
 */
export function decideCanary(input: CanaryInput): CanaryDecision {
  const { history, digest } = input;
  switch (roleOf(history[0]!, digest)) {
    case "champion": {
      const { by, why } = placingEntry(history, digest)!;
      return { decision: "promote", why: `it is champion, by ${by} (${why})` };
    }
    case "challenger":
      return decideChallenger(input);
    case "shadow":
      return decideShadow(input);
    case undefined:
      return decideAbsent(input);
  }
}

function decideChallenger(input: CanaryInput): CanaryDecision {
  const { verdict, nowMs, deadlineMs, approval, history } = input;
  const { decision, why } = verdict ?? { decision: "hold", why: "there is no verdict on it" };
  if (decision === "roll back") return { decision: "rollBack", why };
  const isOver = nowMs >= deadlineMs;
  if (decision === "promote") {
    if (approval === "none") return { decision: "promote", why };
    if (approval === "ask") return { decision: "ask", why };
    return isOver
      ? { decision: "hold", why: `${why}; nobody made it champion by the deadline` }
      : { decision: "wait", why: `${why}; it waits for a person to make it champion` };
  }
  if (!isOver) return { decision: "wait", why };
  const late = `no verdict by the deadline: ${why}`;
  if (input.atDeadline !== "promote") return { decision: input.atDeadline, why: late };
  if (approval !== "none") return { decision: "hold", why: `${late}; nobody made it champion` };
  // It was found good enough beside another champion than the one that it would replace.
  if (publishOf(history, input.execution)?.entry.aliases.champion?.digest !== championOf(history))
    return { decision: "hold", why: `${late}; the champion was replaced meanwhile` };
  return { decision: "promote", why: late };
}

/** It should be challenger by now: something keeps it from it. */
function decideShadow({ history, digest, verdict, misfits }: CanaryInput): CanaryDecision {
  if (verdict?.decision === "roll back") return { decision: "rollBack", why: `as shadow: ${verdict.why}` };
  const { by, why } = placingEntry(history, digest)!;
  const reason = barOf(history, digest, misfits) ?? `it is a shadow, by ${by} (${why})`;
  return { decision: "hold", why: reason };
}

function decideAbsent({ history, digest, misfits }: CanaryInput): CanaryDecision {
  const removing = removingEntry(history, digest);
  if (removing === undefined) {
    return {
      decision: "hold",
      why: barOf(history, digest, misfits) ?? "it was not tried: nothing stands in its way any more",
    };
  }
  const { by, why, change } = removing;
  if (change.kind === "alias" && change.action === "rollback")
    return { decision: "rollBack", why: `${by} rolled back (${why})` };
  if (change.digest === undefined) return { decision: "rollBack", why: `${by} took it off (${why})` };
  return { decision: "hold", why: `${by} put ${shortDigest(change.digest)} in its place (${why})` };
}

/** Why a version cannot be tried. */
export function barOf(
  history: readonly LedgerEntry[],
  digest: ModelDigest,
  misfits: readonly string[],
): string | undefined {
  if (misfits.length > 0) return `it does not fit beside the present champion: ${misfits.join(" | ")}`;
  return heldByOthers(history, digest);
}

function championOf(history: readonly LedgerEntry[]): ModelDigest | undefined {
  return history[0]?.aliases.champion?.digest;
}
