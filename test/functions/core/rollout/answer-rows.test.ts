import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { rival } from "../../../../functions/contract/rival.ts";
import { ModelRunError } from "../../../../functions/core/errors.ts";
import { answerRows } from "../../../../functions/core/rollout/answer-rows.ts";

const [old, next] = ["a".repeat(64), "b".repeat(64)] as [ModelDigest, ModelDigest];
const failed = new ModelRunError("model: no", { code: "run.failed" });
const challengerAnswers = { digest: next, role: "challenger" };

/** Rows of which each version says what is given. */
function answer(share: number, rows: { champion: unknown; challenger: unknown; entity?: string }[]) {
  return answerRows({
    champion: { digest: old, results: rows.map(({ champion }) => champion) },
    challenger: { digest: next, results: rows.map(({ challenger }) => challenger), share },
    entities: rows.map(({ entity }, i) => entity ?? `N${i}`),
    segments: rows.map(() => undefined),
  });
}

describe("answering rows", () => {
  it("lets one version answer and keeps what the other said, with the event's segments", () => {
    const of = (share: number) =>
      answerRows({
        champion: { digest: old, results: ['{"p":1}'] },
        challenger: { digest: next, results: ['{"p":2}'], share },
        entities: ["x"],
        segments: [{ origin: "JFK", airline: null }],
      });
    const said = { segments: { origin: "JFK", airline: null } };

    const [second, first] = [of(1), of(0)];
    expect([second.outputs, second.answerers]).toEqual([['{"p":2}'], [challengerAnswers]]);
    expect(rival.parse(JSON.parse(second.rivals[0]!))).toEqual({
      ...{ digest: old, role: "champion", outputs: { p: 1 } },
      ...said,
    });
    expect([first.outputs, first.answerers]).toEqual([['{"p":1}'], [undefined]]);
    expect(rival.parse(JSON.parse(first.rivals[0]!))).toEqual({
      ...{ digest: next, role: "challenger", outputs: { p: 2 } },
      ...said,
    });
  });

  it("says nothing of segments where the package declares none", () => {
    const { rivals } = answer(0, [{ champion: '{"p":1}', challenger: '{"p":2}' }]);

    expect(JSON.parse(rivals[0]!)).toEqual({ digest: next, role: "challenger", outputs: { p: 2 } });
  });

  it("falls back to the champion, without a rival, where the challenger says nothing", () => {
    const answers = answer(1, [
      { champion: '{"p":1}', challenger: failed },
      { champion: '{"p":1}', challenger: undefined },
    ]);

    expect(answers).toEqual({
      outputs: ['{"p":1}', '{"p":1}'],
      answerers: [undefined, undefined],
      rivals: [undefined, undefined],
    });
  });

  it("answers a row that the champion fails on only where the challenger was to answer it", () => {
    const row = { champion: failed, challenger: '{"p":2}' };

    expect(answer(1, [row])).toEqual({
      outputs: ['{"p":2}'],
      answerers: [challengerAnswers],
      rivals: [undefined],
    });
    expect(answer(0, [row])).toEqual({ outputs: [undefined], answerers: [undefined], rivals: [undefined] });
  });

  it("gives an entity to the same version in every chunk, and keeps it there as the share grows", () => {
    const isChallengers = (entity: string, share: number) =>
      answer(share, [{ champion: '{"p":1}', challenger: '{"p":2}', entity }]).answerers[0] !== undefined;
    const share = fc.double({ min: 0, max: 1, noNaN: true });

    fc.assert(
      fc.property(fc.string(), share, share, (entity, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(isChallengers(entity, low)).toBe(isChallengers(entity, low));
        if (isChallengers(entity, low)) expect(isChallengers(entity, high)).toBe(true);
      }),
    );
  });

  it("answers close to the share of many entities by the challenger", () => {
    const rows = Array.from({ length: 20_000 }, () => ({ champion: '{"p":1}', challenger: '{"p":2}' }));
    const count = answer(0.2, rows).answerers.filter((each) => each !== undefined).length;

    // Five standard deviations of a binomial count: sqrt(20,000 × 0.2 × 0.8) = 57.
    expect(Math.abs(count - 4000)).toBeLessThan(285);
  });
});
