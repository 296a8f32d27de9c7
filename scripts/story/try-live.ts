import { secondsOf } from "../../functions/contract/duration.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { Training } from "../../functions/contract/training.ts";
import { moveAlias } from "../../functions/core/rollout/move-alias.ts";
import type { Move } from "../../functions/core/rollout/moves.ts";
import { readVerdict } from "../../functions/core/rollout/verdict/read-verdict.ts";
import type { StoryStage } from "./story-stage.ts";

/** What became of a version that was tried live. */
export interface Tried {
  readonly end: "promoted" | "rolledBack" | "held";
  readonly why: string;
}

export interface TryOptions {
  readonly stage: StoryStage;
  readonly digest: ModelDigest;
  readonly rules: Training["canary"];
  readonly by: string;
  /** Serve until a time. */
  readonly wait: (untilMs: number) => Promise<void>;
}

/** How often the verdict is looked at: it allows for any number of looks. */
const checkEveryMs = 6 * 3_600_000;

/** Run a version as a shadow, then as challenger until there is a verdict or the deadline is over, and act on it. */
export async function tryLive({ stage, digest, rules, by, wait }: TryOptions): Promise<Tried> {
  const { clock, ledger, model } = stage;
  const move = (wanted: Move, why: string) =>
    moveAlias({ ledger, model, move: wanted, by, why, now: clock.now });
  await move({ kind: "shadow", version: digest, sample: 1 }, "it passed the gates");
  await wait(clock.now() + secondsOf(rules.shadow) * 1000);
  await move({ kind: "share", version: digest, share: rules.share }, "nothing spoke against it as a shadow");
  const deadlineMs = clock.now() + secondsOf(rules.deadline) * 1000;
  for (;;) {
    await wait(Math.min(deadlineMs, clock.now() + checkEveryMs));
    const found = await decide(stage, rules.atDeadline, clock.now() >= deadlineMs);
    if (found === undefined) continue;
    if (found.end === "promoted") await move({ kind: "promote", version: digest }, found.why);
    else if (found.end === "rolledBack")
      await move({ kind: "stop", alias: "challenger", version: digest }, found.why);
    return found;
  }
}

/** @returns undefined while there is time left to wait. */
async function decide(
  { model, ledger, load, sketches, tiles }: StoryStage,
  atDeadline: Training["canary"]["atDeadline"],
  isOver: boolean,
): Promise<Tried | undefined> {
  const { aliases } = (await ledger.latest(model))!;
  const champion = await load(aliases.champion!.digest);
  const verdicts = await readVerdict({ model, aliases, package: champion.package, sketches, tiles });
  const verdict = verdicts.find(({ role }) => role === "challenger")?.verdict;
  if (verdict?.decision === "promote") return { end: "promoted", why: verdict.why };
  if (verdict?.decision === "roll back") return { end: "rolledBack", why: verdict.why };
  if (!isOver) return undefined;
  const end = { promote: "promoted", hold: "held", rollBack: "rolledBack" } as const;
  return { end: end[atDeadline], why: `deadline: ${verdict?.why ?? "no outcome yet"}` };
}
