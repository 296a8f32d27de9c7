import type { ModelDigest } from "../../../contract/ids.ts";
import type { LedgerEntry } from "../../../contract/ledger.ts";
import { shortDigest } from "../../rollout/entry-words.ts";
import type { Move } from "../../rollout/moves.ts";
import { entriesOf, learner } from "./learning-entries.ts";
import { placingEntry, roleOf } from "./standing.ts";

/** Which version of which execution is to be tried. */
export interface TriedVersion {
  readonly execution: string;
  readonly digest: ModelDigest;
}

/** What a step makes of the aliases. */
export type Placement =
  | { readonly kind: "move"; readonly move: Move }
  /** Done already, by this execution or by somebody else: nothing is written. */
  | { readonly kind: "standing"; readonly sinceMs: number }
  /** It cannot be tried now, and nothing is touched. */
  | { readonly kind: "barred"; readonly why: string };

/**
 * Decide how a version becomes a shadow of all events.
 *
 * An execution moves a version to an alias once: what was taken away since is not put back by a step that runs again.
 *
 * @param history - newest first.
 */
export function placeShadow(history: readonly LedgerEntry[], version: TriedVersion): Placement {
  const { digest } = version;
  const standing = ownMove(history, version, ["shadow", "share"]) ?? placingEntry(history, digest);
  if (standing !== undefined) return standingSince(standing);
  const bar = heldByOthers(history, digest);
  if (bar !== undefined) return { kind: "barred", why: bar };
  return { kind: "move", move: { kind: "shadow", version: digest, sample: 1 } };
}

/** Decide how a shadow becomes the challenger, by which it is a shadow no longer. @param history - newest first */
export function placeChallenger(
  history: readonly LedgerEntry[],
  { share, ...version }: TriedVersion & { readonly share: number },
): Placement {
  const { digest } = version;
  const role = roleOf(history[0]!, digest);
  const own = ownMove(history, version, ["share"]);
  if (own !== undefined) return standingSince(own);
  if (role === "champion" || role === "challenger") return standingSince(placingEntry(history, digest)!);
  if (role === undefined) return { kind: "barred", why: "it is a shadow no longer" };
  const bar = heldByOthers(history, digest);
  if (bar !== undefined) return { kind: "barred", why: bar };
  return { kind: "move", move: { kind: "share", version: digest, share } };
}

/** Who keeps a version from being tried: an alias that somebody gave to another one. What an earlier execution left there gives way. */
export function heldByOthers(history: readonly LedgerEntry[], digest: ModelDigest): string | undefined {
  const { aliases } = history[0]!;
  for (const alias of ["challenger", "shadow"] as const) {
    const other = aliases[alias]?.digest;
    if (other === undefined || other === digest) continue;
    const { by, why } = placingEntry(history, other)!;
    if (by !== learner) return `${shortDigest(other)} is ${alias}, by ${by} (${why}), and stays`;
  }
  return undefined;
}

/** The first entry by which an execution gave a version its alias. */
function ownMove(
  history: readonly LedgerEntry[],
  { execution, digest }: TriedVersion,
  actions: readonly string[],
): LedgerEntry | undefined {
  return entriesOf(history, execution).findLast(
    ({ change }) =>
      change.kind === "alias" && change.digest === digest && actions.includes(change.action ?? ""),
  );
}

function standingSince({ at }: LedgerEntry): Placement {
  return { kind: "standing", sinceMs: Date.parse(at) };
}
