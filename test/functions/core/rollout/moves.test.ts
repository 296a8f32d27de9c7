import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import type { LedgerEntry } from "../../../../functions/contract/ledger.ts";
import { liveAt } from "../../../../functions/core/rollout/live-at.ts";
import { decideMove, followUp, type Move } from "../../../../functions/core/rollout/moves.ts";
import { versionOf } from "../../../../functions/core/rollout/version-of.ts";

const [a, b, c] = ["a", "b", "c"].map((letter) => letter.repeat(64) as ModelDigest) as [
  ModelDigest,
  ModelDigest,
  ModelDigest,
];
const note = { by: "ada", why: "a test", nowMs: Date.parse("2001-01-31T00:00:00Z") };

function published(...digests: ModelDigest[]): LedgerEntry[] {
  const history: LedgerEntry[] = [];
  for (const digest of digests) {
    const change = { kind: "publish" as const, digest, sourceDigest: "s" };
    const aliases = history[0]?.aliases ?? { champion: { digest } };
    history.unshift(followUp(history[0], { model: "m", ...note }, { change, aliases }));
  }
  return history;
}

const decide = (history: readonly LedgerEntry[], move: Move) =>
  decideMove(history, { model: "m", move, note });

/** The history after moves, each of which must be one. */
function moved(history: LedgerEntry[], ...moves: Move[]): LedgerEntry[] {
  const entries = [...history];
  for (const move of moves) entries.unshift(decide(entries, move)!);
  return entries;
}

describe("decideMove", () => {
  it("promotes a version by the first digits of its digest, and drops what it was beside the champion", () => {
    const history = moved(
      published(a, b, c),
      { kind: "share", version: b, share: 0.2 },
      { kind: "shadow", version: c, sample: 0.1 },
    );
    expect(decide(history, { kind: "promote", version: "bbbbbb" })).toEqual({
      model: "m",
      revision: 6,
      at: "2001-01-31T00:00:00.000Z",
      by: "ada",
      why: "a test",
      change: { kind: "alias", action: "promote", alias: "champion", digest: b },
      aliases: { champion: { digest: b }, shadow: { digest: c, sample: 0.1 } },
    });
  });

  it("lets a version have one alias: a shadow that gets a share is shadow no longer", () => {
    const history = moved(
      published(a, b),
      { kind: "shadow", version: b, sample: 1 },
      { kind: "share", version: "shadow", share: 0 },
    );
    expect(history[0]!.aliases).toEqual({ champion: { digest: a }, challenger: { digest: b, share: 0 } });
  });

  it("rolls back one champion after the other, never to what was rolled back from", () => {
    const promote = (version: ModelDigest): Move => ({ kind: "promote", version });
    const history = moved(published(a, b, c), promote(b), promote(c));
    const once = moved(history, { kind: "rollback" });
    expect(once[0]!.aliases.champion?.digest).toBe(b);
    const twice = moved(once, { kind: "rollback" });
    expect(twice[0]!.aliases.champion?.digest).toBe(a);
    expect(() => decide(twice, { kind: "rollback" })).toThrow(
      /got aaaaaaaaaaaa as champion and none before it to go back to/,
    );
    // What is promoted again is gone back from to what it took the place of.
    expect(moved(once, promote(c), { kind: "rollback" })[0]!.aliases.champion?.digest).toBe(b);
    expect(moved(history, promote(a), { kind: "rollback" })[0]!.aliases.champion?.digest).toBe(c);
  });

  it("drops a challenger that a rollback makes champion, and leaves the shadow", () => {
    const history = moved(
      published(a, b, c),
      { kind: "promote", version: b },
      { kind: "share", version: a, share: 0.5 },
      { kind: "shadow", version: c, sample: 1 },
      { kind: "rollback" },
    );
    expect(history[0]!.aliases).toEqual({ champion: { digest: a }, shadow: { digest: c, sample: 1 } });
  });

  it("never dates an entry before the one before it", () => {
    const [newest] = published(a, b);
    const earlier = { ...note, nowMs: note.nowMs - 60_000 };
    const options = { model: "m", move: { kind: "promote", version: b }, note: earlier } as const;
    expect(decideMove([newest!, ...published(a)], options)?.at).toBe(newest!.at);
  });

  const refused: readonly [title: string, move: Move, code: string, message: RegExp][] = [
    [
      "an unknown digest",
      { kind: "promote", version: "0123456789" },
      "model.version",
      /no published version begins with; published: bbbbbbbbbbbb, aaaaaaaaaaaa/,
    ],
    [
      "what is no digest",
      { kind: "promote", version: "latest" },
      "input.range",
      /expected champion, challenger/,
    ],
    ["too few digits", { kind: "promote", version: "bbbbb" }, "input.range", /got "bbbbb"/],
    [
      "a challenger that there is not",
      { kind: "promote", version: "challenger" },
      "model.alias",
      /names no version/,
    ],
    ["a share of the champion", { kind: "share", version: a, share: 0.1 }, "input.range", /is the champion/],
    [
      "a sample of the champion",
      { kind: "shadow", version: a, sample: 0.1 },
      "input.range",
      /is the champion/,
    ],
    [
      "a share above all",
      { kind: "share", version: b, share: 1.01 },
      "input.range",
      /got 101 %, expected from 0/,
    ],
    ["a share below none", { kind: "share", version: b, share: -0.1 }, "input.range", /got -10 %/],
    ["a share that is no number", { kind: "share", version: b, share: Number.NaN }, "input.range", /NaN/],
    ["an empty sample", { kind: "shadow", version: b, sample: 0 }, "input.range", /expected above 0/],
    ["a rollback of the first champion", { kind: "rollback" }, "model.alias", /none before it/],
    [
      "a stop of an unknown digest",
      { kind: "stop", alias: "shadow", version: "cccccc" },
      "model.version",
      /cccccc/,
    ],
  ];
  it.each(refused)("refuses %s", (_, move, code, message) => {
    const history = published(a, b);
    expect(() => decide(history, move)).toThrow(expect.objectContaining({ code }));
    expect(() => decide(history, move)).toThrow(message);
  });

  it("refuses to stop another challenger than the one that is named", () => {
    const history = moved(published(a, b, c), { kind: "share", version: b, share: 0.1 });
    expect(() => decide(history, { kind: "stop", alias: "challenger", version: c })).toThrow(
      /got cccccccccccc to stop as challenger, which bbbbbbbbbbbb is/,
    );
    expect(decide(history, { kind: "stop", alias: "challenger", version: b })).toMatchObject({
      change: { kind: "alias", action: "stop", alias: "challenger" },
      aliases: { champion: { digest: a } },
    });
  });

  it("refuses everything where nothing was published, and rivals where nothing is champion", () => {
    expect(() => decide([], { kind: "rollback" })).toThrow(
      expect.objectContaining({ code: "model.unknown" }),
    );
    const [entry] = published(a);
    const headless = [{ ...entry!, aliases: {} }];
    expect(() => decide(headless, { kind: "share", version: a, share: 0 })).toThrow(
      /got no champion that a challenger could stand beside/,
    );
    expect(decide(headless, { kind: "promote", version: a })?.aliases).toEqual({ champion: { digest: a } });
  });
});

describe("versionOf", () => {
  it("takes no digits that two versions begin with", () => {
    const near = `aaaaaaa${"0".repeat(57)}` as ModelDigest;
    const history = published(a, near);
    expect(() => versionOf(history, "aaaaaaa")).toThrow(/2 versions begin with; give more digits/);
    expect(versionOf(history, "aaaaaaa0")).toBe(near);
    expect(versionOf(history, "champion")).toBe(a);
  });
});

describe("liveAt", () => {
  it("says nothing before the first publish, and the newest of one instant from then on", () => {
    const history = moved(published(a, b), { kind: "promote", version: b });
    expect(liveAt(history, note.nowMs - 1)).toBeUndefined();
    expect(liveAt(history, note.nowMs)?.revision).toBe(3);
  });
});
