import type { ModelDigest } from "../contract/ids.ts";
import type { LedgerEntry } from "../contract/ledger.ts";
import { ConflictError, InputError } from "../core/errors.ts";
import type { FiredAlarm } from "../core/monitor/fired-alarm.ts";
import { moveAlias } from "../core/rollout/move-alias.ts";
import { readHistory } from "../core/rollout/read-history.ts";
import type { GuardDeps } from "./deps.ts";
import type { GuardedAlarm } from "./guard.ts";

/** A move takes so long to be noticed by every function. */
const noticeMs = 3_000;

/**
 * Take the challenger that an alarm is about off the ledger.
 *
 * Functions have stopped it by themselves by then, each for a minute; this stops it everywhere and for good. Nothing is
 * done where it was moved meanwhile.
 */
export async function stopChallenger(alarm: GuardedAlarm, deps: GuardDeps): Promise<void> {
  const { ledger, logger, now } = deps;
  const { model, name, metric, reason } = alarm;
  const fields = { model, alarm: name, metric };
  const waits = deps.startWaits();
  for (let attempt = 1; ; attempt++) {
    const fault = challengerAtFault(await readHistory(ledger, model), alarm);
    if ("moot" in fault) {
      logger.info("the challenger stays as it is", { ...fields, because: fault.moot });
      return;
    }
    try {
      const { digest } = fault;
      const why = `alarm ${name}: ${reason}`;
      const move = { kind: "stop", alias: "challenger", version: digest } as const;
      const { entry } = await moveAlias({ ledger, model, move, by: "guard", why, now });
      logger.warn("the challenger was stopped", { ...fields, digest, revision: entry.revision, reason });
      return;
    } catch (error) {
      // Somebody moved between the two reads, or before the write: what is at fault is decided anew.
      if (!(error instanceof ConflictError || error instanceof InputError)) throw error;
      if (!(await waits.wait(attempt))) throw error;
    }
  }
}

/**
 * The challenger that an alarm is about: the one that is challenger now, if no other was while the alarm's time ran, and
 * nobody has moved it since.
 *
 * An alarm names a model, not a version; where two were challengers in its time, neither is known to be at fault, and the
 * one that still is brings the alarm about again.
 *
 * @param history - the model's entries, newest first.
 */
export function challengerAtFault(
  history: readonly LedgerEntry[],
  { fromMs, firedMs }: Pick<FiredAlarm, "fromMs" | "firedMs">,
): { readonly digest: ModelDigest } | { readonly moot: string } {
  const digest = history[0]?.aliases.challenger?.digest;
  if (digest === undefined) return { moot: "no version is challenger now" };
  for (const { at, aliases } of history) {
    const other = aliases.challenger?.digest;
    const atMs = Date.parse(at);
    if (atMs > firedMs && other === undefined) return { moot: "it was made challenger after the alarm" };
    if (other !== undefined && other !== digest)
      return { moot: "another version was challenger in the alarm's time" };
    // Each entry is live until the next: this one was when the alarm's time began.
    if (atMs <= fromMs - noticeMs) break;
  }
  return { digest };
}
