import { secondsOf } from "../contract/duration.ts";
import type { ModelDigest } from "../contract/ids.ts";
import type { RolloutInput, RolloutOutput } from "../contract/learning.ts";
import type { LedgerEntry } from "../contract/ledger.ts";
import { defaultTraining, type Training } from "../contract/training.ts";
import { readHistory } from "../core/rollout/read-history.ts";
import { decideCanary } from "../core/train/canary/decide-canary.ts";
import { type Placement, placeChallenger, placeShadow } from "../core/train/canary/place-version.ts";
import { misfitsOf, verdictOn } from "./beside-champion.ts";
import { decideByLedger, moveEntry } from "./decide-by-ledger.ts";
import type { RolloutDeps } from "./deps.ts";

type Input<Action extends RolloutInput["action"]> = Extract<RolloutInput, { action: Action }>;

/**
 * Let a version score all events beside the champion, unseen.
 *
 * @returns until when; now, where somebody else's version stands in its way: nothing is touched then.
 */
export async function tryAsShadow(
  { execution, digest }: Input<"shadow">,
  deps: RolloutDeps,
): Promise<RolloutOutput<"shadow">> {
  const version = { execution, digest: digest as ModelDigest };
  const { shadow } = await canaryOf(version.digest, deps);
  const until = await place(deps, version, {
    lasts: shadow,
    why: `to be a shadow for ${shadow}`,
    decide: async (history) => placeShadow(history, version),
  });
  return { until };
}

/**
 * Let a shadow answer its share of the entities.
 *
 * One that breaks a guard rail as a shadow, or is found worse by then, gets none.
 *
 * @returns when there must be a verdict; now, where it does not become challenger.
 */
export async function tryAsChallenger(
  { execution, digest }: Input<"challenge">,
  deps: RolloutDeps,
): Promise<RolloutOutput<"challenge">> {
  const version = { execution, digest: digest as ModelDigest };
  const { share, deadline: lasts } = await canaryOf(version.digest, deps);
  const deadline = await place(deps, version, {
    ...{ lasts, why: `to answer ${share * 100} % for ${lasts} at most` },
    decide: async (history) => {
      const placement = placeChallenger(history, { ...version, share });
      if (placement.kind !== "move") return placement;
      const verdict = await verdictOn(deps, history[0]!, version.digest);
      return verdict?.decision === "roll back" ? { kind: "barred", why: verdict.why } : placement;
    },
  });
  return { deadline };
}

/** Decide what becomes of a version by its verdict, the deadline, and what others did to the aliases. Writes nothing. */
export async function checkVersion(
  { execution, digest: text, deadline, approval }: Input<"check">,
  deps: RolloutDeps,
): Promise<RolloutOutput<"check">> {
  const digest = text as ModelDigest;
  const history = await readHistory(deps.ledger, deps.model);
  const live = history[0]!;
  const [verdict, misfits, { atDeadline }] = await Promise.all([
    verdictOn(deps, live, digest),
    misfitsOf(deps, live, digest),
    canaryOf(digest, deps),
  ]);
  const decided = decideCanary({
    ...{ history, execution, digest, verdict, misfits, atDeadline, approval },
    deadlineMs: Date.parse(deadline),
    nowMs: deps.now(),
  });
  deps.logger.info("version checked", { execution, digest, ...decided });
  return decided;
}

interface Step {
  /** How long it lasts. */
  readonly lasts: string;
  /** What for, as the ledger says it. */
  readonly why: string;
  readonly decide: (history: readonly LedgerEntry[]) => Promise<Placement>;
}

/** @returns when the step is over, ISO 8601. */
async function place(
  deps: RolloutDeps,
  version: { readonly execution: string; readonly digest: ModelDigest },
  { lasts, why, decide }: Step,
): Promise<string> {
  const { execution, digest } = version;
  const lastsMs = secondsOf(lasts) * 1000;
  return await decideByLedger(deps, async (history) => {
    const placement = await placeBeside(history);
    if (placement.kind === "standing") return { result: isoOf(placement.sinceMs + lastsMs) };
    if (placement.kind === "barred") {
      deps.logger.warn("the version is not tried", { execution, digest, why: placement.why });
      return { result: isoOf(deps.now()) };
    }
    const { move } = placement;
    const entry = moveEntry(history, deps, { execution, move, why });
    return { entry, result: isoOf((entry === undefined ? deps.now() : Date.parse(entry.at)) + lastsMs) };
  });

  async function placeBeside(history: readonly LedgerEntry[]): Promise<Placement> {
    const placement = await decide(history);
    if (placement.kind !== "move") return placement;
    const misfits = await misfitsOf(deps, history[0]!, digest);
    return misfits.length === 0 ? placement : { kind: "barred", why: misfits.join(" | ") };
  }
}

async function canaryOf(
  digest: ModelDigest,
  { model, declarations }: Pick<RolloutDeps, "model" | "declarations">,
): Promise<Training["canary"]> {
  const { training = defaultTraining } = await declarations.read(model, digest);
  return training.canary;
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
