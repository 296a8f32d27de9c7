import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../../functions/contract/ids.ts";
import type { Aliases, LedgerEntry } from "../../../../../functions/contract/ledger.ts";
import { decideMove, followUp, type Move } from "../../../../../functions/core/rollout/moves.ts";
import { type CanaryInput, decideCanary } from "../../../../../functions/core/train/canary/decide-canary.ts";

const [a, b, c] = ["a", "b", "c"].map((each) => each.repeat(64)) as [ModelDigest, ModelDigest, ModelDigest];
const execution = "run";
const learning = { by: "learning", why: `execution ${execution}: so` };
const shadow: Step = [{ kind: "shadow", version: b, sample: 1 }, learning];
const share: Step = [{ kind: "share", version: b, share: 0.1 }, learning];
const ann = { by: "Ann", why: "by hand" };

type Step = readonly [move: Move, note: { readonly by: string; readonly why: string }];

/** Three versions, of which a is champion and b is the execution's; then moves, a second apart. */
function historyOf(...steps: readonly Step[]): readonly LedgerEntry[] {
  let history: readonly LedgerEntry[] = [];
  const publish = (digest: ModelDigest, note: Step[1], aliases: Aliases) => {
    const change = { kind: "publish" as const, digest, sourceDigest: digest };
    history = [followUp(history[0], { model: "m", ...note, nowMs: 0 }, { change, aliases }), ...history];
  };
  for (const [digest, note] of [
    [a, ann],
    [c, ann],
    [b, learning],
  ] as const)
    publish(digest, note, { champion: { digest: a } });
  for (const [move, note] of steps) {
    const entry = decideMove(history, { model: "m", move, note: { ...note, nowMs: history.length * 1000 } });
    if (entry !== undefined) history = [entry, ...history];
  }
  return history;
}

function decide(steps: readonly Step[], parts: Partial<CanaryInput> = {}) {
  return decideCanary({
    ...{ history: historyOf(...steps), execution, digest: b, verdict: { decision: "hold", why: "too few" } },
    ...{ atDeadline: "rollBack", deadlineMs: 100, nowMs: 99, approval: "none", misfits: [] },
    ...parts,
  });
}

const better = { decision: "promote", why: "better" } as const;
const worse = { decision: "roll back", why: "worse" } as const;
const tried = [shadow, share];
const late = { nowMs: 100 };

describe("what becomes of a challenger", () => {
  it.each<[string, Partial<CanaryInput>, string]>([
    ["waits without a verdict", {}, "wait"],
    ["waits where no outcome is declared", { verdict: undefined }, "wait"],
    ["is promoted when found better", { verdict: better }, "promote"],
    ["is rolled back when found worse", { verdict: worse }, "rollBack"],
    [
      "is rolled back when found worse, late as well",
      { verdict: worse, ...late, atDeadline: "promote" },
      "rollBack",
    ],
    ["is rolled back at the deadline where that is the policy", { ...late }, "rollBack"],
    ["is held at the deadline where that is the policy", { ...late, atDeadline: "hold" }, "hold"],
    ["is promoted at the deadline where that is the policy", { ...late, atDeadline: "promote" }, "promote"],
    ["is promoted late when found better", { ...late, verdict: better }, "promote"],
    ["is asked about when found better and people decide", { verdict: better, approval: "ask" }, "ask"],
    ["waits for people who were asked", { verdict: better, approval: "asked" }, "wait"],
    [
      "is rolled back when found worse after people were asked",
      { verdict: worse, approval: "asked" },
      "rollBack",
    ],
    ["is held where nobody answered", { verdict: better, approval: "asked", ...late }, "hold"],
    ["is not promoted unasked at the deadline", { ...late, atDeadline: "promote", approval: "ask" }, "hold"],
  ])("%s", (_title, parts, decision) => {
    expect(decide(tried, parts).decision).toBe(decision);
  });

  it("is not promoted for want of a verdict over a champion that it was not made beside", () => {
    const steps: Step[] = [...tried, [{ kind: "promote", version: c }, ann]];
    expect(decide(steps, { ...late, atDeadline: "promote" })).toMatchObject({
      decision: "hold",
      why: expect.stringContaining("the champion was replaced meanwhile"),
    });
    expect(decide(steps, { verdict: better }).decision).toBe("promote");
  });
});

describe("what others did to the aliases", () => {
  it.each<[string, Step[], string, string]>([
    [
      "a person made it champion",
      [...tried, [{ kind: "promote", version: b }, ann]],
      "promote",
      "by Ann (by hand)",
    ],
    [
      "a person stopped it",
      [...tried, [{ kind: "stop", alias: "challenger" }, ann]],
      "rollBack",
      "Ann took it off (by hand)",
    ],
    [
      "the guard stopped it",
      [
        ...tried,
        [
          { kind: "stop", alias: "challenger" },
          { by: "guard", why: "alarm x" },
        ],
      ],
      "rollBack",
      "guard took it off (alarm x)",
    ],
    [
      "a person promoted it and rolled back",
      [...tried, [{ kind: "promote", version: b }, ann], [{ kind: "rollback" }, ann]],
      "rollBack",
      "Ann rolled back (by hand)",
    ],
    [
      "a person put another in its place",
      [...tried, [{ kind: "share", version: c, share: 0.5 }, ann]],
      "hold",
      "Ann put cccccccccccc in its place (by hand)",
    ],
    [
      "a person made it a shadow again",
      [...tried, [{ kind: "shadow", version: b, sample: 0.5 }, ann]],
      "hold",
      "it is a shadow, by Ann (by hand)",
    ],
    [
      "a person's challenger kept it a shadow",
      [shadow, [{ kind: "share", version: c, share: 0.5 }, ann]],
      "hold",
      "cccccccccccc is challenger, by Ann (by hand), and stays",
    ],
    [
      "a person's shadow kept it from being tried",
      [[{ kind: "shadow", version: c, sample: 0.5 }, ann]],
      "hold",
      "cccccccccccc is shadow, by Ann (by hand), and stays",
    ],
  ])("%s: it is told, and ends it", (_title, steps, decision, why) => {
    expect(decide(steps)).toEqual({ decision, why: expect.stringContaining(why) });
  });

  it("changed the share alone: it is tried on", () => {
    expect(decide([...tried, [{ kind: "share", version: b, share: 0.5 }, ann]]).decision).toBe("wait");
  });
});
