import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../../functions/contract/ids.ts";
import type { Aliases, LedgerEntry } from "../../../../../functions/contract/ledger.ts";
import { deletableVersions } from "../../../../../functions/core/train/register/deletable-versions.ts";

const dayMs = 86_400_000;
const digestOf = (n: number) => String(n).repeat(64) as ModelDigest;

/** One entry a day: what is published, and what is live from then on. */
function historyOf(
  days: readonly { readonly publish?: number; readonly aliases: Aliases }[],
): readonly LedgerEntry[] {
  return days
    .map(({ publish, aliases }, i): LedgerEntry => {
      const digest = publish === undefined ? undefined : digestOf(publish);
      return {
        ...{
          model: "m",
          revision: i + 1,
          at: new Date(i * dayMs).toISOString(),
          by: "Ann",
          why: "",
          aliases,
        },
        change:
          digest === undefined
            ? { kind: "alias", action: "promote", alias: "champion" }
            : { kind: "publish", digest, sourceDigest: digest },
      };
    })
    .toReversed();
}

const champion = (n: number): Aliases => ({ champion: { digest: digestOf(n) } });
const promoted = [1, 2, 3, 4].map((n) => ({ publish: n, aliases: champion(n) }));

describe("versions that may be deleted", () => {
  it("are those before the newest champions", () => {
    const rules = { keepChampions: 2, olderThanDays: 0, nowMs: 100 * dayMs };
    expect(deletableVersions(historyOf(promoted), rules)).toEqual([digestOf(2), digestOf(1)]);
    expect(deletableVersions([], rules)).toEqual([]);
  });

  it("are kept for as many days after an alias named them last", () => {
    // The first was champion until the second day began.
    const of = (nowMs: number) =>
      deletableVersions(historyOf(promoted), { keepChampions: 1, olderThanDays: 10, nowMs });
    expect(of(11 * dayMs - 1)).toEqual([]);
    expect(of(11 * dayMs)).toEqual([digestOf(1)]);
    expect(of(12 * dayMs)).toEqual([digestOf(2), digestOf(1)]);
  });

  it("are never those that an alias names, or the newest champions, whatever the history", () => {
    const version = fc.integer({ min: 1, max: 6 });
    const aliases = fc.record(
      { champion: version, challenger: version, shadow: version },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.array(fc.record({ publish: version, aliases }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: -1, max: 4 }),
        fc.integer({ min: 0, max: 5 }),
        (days, keepChampions, olderThanDays) => {
          const history = historyOf(
            days.map((day) => ({
              publish: day.publish,
              aliases: {
                ...(day.aliases.champion && champion(day.aliases.champion)),
                ...(day.aliases.challenger && {
                  challenger: { digest: digestOf(day.aliases.challenger), share: 0.1 },
                }),
                ...(day.aliases.shadow && { shadow: { digest: digestOf(day.aliases.shadow), sample: 1 } }),
              },
            })),
          );
          const found = deletableVersions(history, {
            keepChampions,
            olderThanDays,
            nowMs: days.length * dayMs,
          });
          const last = days.at(-1)!.aliases;
          const champions = days.toReversed().flatMap((day) => day.aliases.champion ?? []);
          const newest = [...new Set(champions)].slice(0, Math.max(1, keepChampions));
          for (const each of [last.champion, last.challenger, last.shadow, ...newest])
            if (each !== undefined) expect(found).not.toContain(digestOf(each));
          // What was published in the days before is kept too.
          const recent = olderThanDays > 1 ? days.slice(1 - olderThanDays) : [];
          for (const { publish } of recent) expect(found).not.toContain(digestOf(publish));
        },
      ),
    );
  });
});
