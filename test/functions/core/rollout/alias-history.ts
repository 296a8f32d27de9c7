import fc from "fast-check";
import { expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import type { Aliases } from "../../../../functions/contract/ledger.ts";
import { HeadraceError } from "../../../../functions/core/errors.ts";
import type { Ledger } from "../../../../functions/core/rollout/ledger.ts";
import { liveAt } from "../../../../functions/core/rollout/live-at.ts";
import { moveAlias } from "../../../../functions/core/rollout/move-alias.ts";
import type { Move } from "../../../../functions/core/rollout/moves.ts";
import { followUp } from "../../../../functions/core/rollout/moves.ts";

export const digests = ["a", "b", "c", "d"].map((letter) => letter.repeat(64) as ModelDigest);

type Step = { readonly publish: ModelDigest } | { readonly move: Move };

const version = fc.constantFrom(...digests);
const ratio = fc.constantFrom(0, 0.01, 0.2, 0.5, 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  version.map((publish): Step => ({ publish })),
  fc
    .oneof(
      version.map((each): Move => ({ kind: "promote", version: each })),
      fc.constantFrom<Move>(
        { kind: "promote", version: "challenger" },
        { kind: "promote", version: "shadow" },
        { kind: "rollback" },
        { kind: "stop", alias: "challenger" },
        { kind: "stop", alias: "shadow" },
      ),
      fc.record({ kind: fc.constant("share" as const), version, share: ratio }),
      fc.record({ kind: fc.constant("shadow" as const), version, sample: ratio }),
    )
    .map((move): Step => ({ move })),
);

/** Who moves has a clock of their own, up to an hour ahead or behind. */
const steps = fc.array(
  fc.record({ step, waitMs: fc.nat(60_000), skewMs: fc.integer({ min: -3_600_000, max: 3_600_000 }) }),
  { minLength: 1, maxLength: 40 },
);

/** A ledger gives back at every time what the aliases named then. @param make - an empty one, for each history. */
export function itReproducesEveryState(make: () => Promise<Ledger>, numRuns: number): void {
  it("reproduces every state of the aliases at every time of a random history, clocks skewed", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const ledger = await make();
        const log: { readonly at: number; readonly aliases: Aliases }[] = [];
        const oracle = createOracle();
        let trueMs = Date.parse("2001-01-31T00:00:00Z");
        for (const { step: each, waitMs, skewMs } of history) {
          trueMs += waitMs;
          const nowMs = trueMs + skewMs;
          const expected = oracle.take(each);
          const happened = await take(ledger, each, nowMs);
          expect(happened).toBe(expected);
          // Time never goes back, though the clocks of those who move do.
          if (expected === "moved")
            log.push({ at: Math.max(nowMs, log.at(-1)?.at ?? -Infinity), aliases: oracle.aliases() });
        }
        const stored = await ledger.history("m");
        expect(stored.length).toBe(log.length);
        const times = log.flatMap(({ at }) => [at - 1, at, at + 1]);
        for (const time of [...times, trueMs - 7_200_000, trueMs + 7_200_000]) {
          const then = log.filter(({ at }) => at <= time).at(-1);
          expect(liveAt(stored, time)?.aliases).toEqual(then?.aliases);
        }
      }),
      { numRuns },
    );
  });
}

async function take(ledger: Ledger, each: Step, nowMs: number): Promise<"moved" | "unchanged" | "refused"> {
  if ("publish" in each) {
    const newest = await ledger.latest("m");
    const { publish: digest } = each;
    const isFirst = newest === undefined;
    const change = {
      ...{ kind: "publish" as const, digest, sourceDigest: "s" },
      ...(isFirst && { alias: "champion" as const }),
    };
    const aliases = isFirst ? { champion: { digest } } : newest.aliases;
    const note = { model: "m", by: "ada", why: "a test", nowMs };
    await ledger.append(followUp(newest, note, { change, aliases }));
    return "moved";
  }
  try {
    const options = { ledger, model: "m", by: "ada", why: "a test", now: () => nowMs };
    return (await moveAlias({ ...options, move: each.move })).outcome;
  } catch (error) {
    if (error instanceof HeadraceError && error.code !== "bug") return "refused";
    throw error;
  }
}

/** The rules once more, on mutable state: champions as a stack, rivals as two slots. */
function createOracle() {
  const published = new Set<string>();
  const champions: ModelDigest[] = [];
  let rivals: { challenger?: [ModelDigest, number]; shadow?: [ModelDigest, number] } = {};
  return { take: takeStep, aliases };

  function aliases(): Aliases {
    const { challenger, shadow } = rivals;
    return {
      ...(champions.length > 0 && { champion: { digest: champions.at(-1)! } }),
      ...(challenger && { challenger: { digest: challenger[0], share: challenger[1] } }),
      ...(shadow && { shadow: { digest: shadow[0], sample: shadow[1] } }),
    };
  }

  function takeStep(each: Step): "moved" | "unchanged" | "refused" {
    if ("publish" in each) {
      if (published.size === 0) champions.push(each.publish);
      published.add(each.publish);
      return "moved";
    }
    const { move } = each;
    if (published.size === 0) return "refused";
    const before = JSON.stringify(aliases());
    if (move.kind === "stop") {
      rivals = { ...rivals, [move.alias]: undefined };
    } else if (move.kind === "rollback") {
      if (champions.length < 2) return "refused";
      champions.pop();
    } else {
      const named =
        move.version === "challenger" || move.version === "shadow"
          ? rivals[move.version]?.[0]
          : (move.version as ModelDigest);
      if (named === undefined || !published.has(named)) return "refused";
      if (move.kind === "promote") {
        if (champions.at(-1) !== named) champions.push(named);
      } else {
        if (champions.at(-1) === named || (move.kind === "shadow" && move.sample === 0)) return "refused";
        rivals =
          move.kind === "share"
            ? {
                challenger: [named, move.share],
                shadow: rivals.shadow?.[0] === named ? undefined : rivals.shadow,
              }
            : {
                challenger: rivals.challenger?.[0] === named ? undefined : rivals.challenger,
                shadow: [named, move.sample],
              };
      }
    }
    if (rivals.challenger?.[0] === champions.at(-1)) rivals = { ...rivals, challenger: undefined };
    if (rivals.shadow?.[0] === champions.at(-1)) rivals = { ...rivals, shadow: undefined };
    return JSON.stringify(aliases()) === before ? "unchanged" : "moved";
  }
}
