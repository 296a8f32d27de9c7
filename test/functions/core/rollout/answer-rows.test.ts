import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { rival } from "../../../../functions/contract/rival.ts";
import { ModelRunError } from "../../../../functions/core/errors.ts";
import { answerRows, countAnswers } from "../../../../functions/core/rollout/answer-rows.ts";

const [old, next] = ["a".repeat(64), "b".repeat(64)] as [ModelDigest, ModelDigest];
const failed = new ModelRunError("model: no", { code: "run.failed" });

describe("answering rows", () => {
  it("lets the champion answer everything, without rivals, where no challenger is on", () => {
    const answers = answerRows({
      champion: { digest: old, results: ['{"p":1}', failed] },
      entities: ["x", "y"],
    });

    expect(answers).toEqual([{ outputs: '{"p":1}', digest: old, role: "champion" }, undefined]);
  });

  it("lets one version answer and keeps what the other said, with the event's segments", () => {
    const chunk = {
      champion: { digest: old, results: ['{"p":1}'] },
      entities: ["x"],
      segments: [{ origin: "JFK", airline: null }],
    };
    const of = (share: number) =>
      answerRows({ ...chunk, challenger: { digest: next, results: ['{"p":2}'], share } })[0]!;

    expect(of(1)).toMatchObject({ outputs: '{"p":2}', digest: next, role: "challenger" });
    expect(rival.parse(JSON.parse(of(1).rival!))).toEqual({
      digest: old,
      role: "champion",
      outputs: { p: 1 },
      segments: { origin: "JFK", airline: null },
    });
    expect(of(0)).toMatchObject({ outputs: '{"p":1}', digest: old, role: "champion" });
    expect(rival.parse(JSON.parse(of(0).rival!))).toEqual({
      digest: next,
      role: "challenger",
      outputs: { p: 2 },
      segments: { origin: "JFK", airline: null },
    });
  });

  it("falls back to the champion, without a rival, where the challenger says nothing", () => {
    const answers = answerRows({
      champion: { digest: old, results: ['{"p":1}', '{"p":1}'] },
      challenger: { digest: next, results: [failed, undefined], share: 1 },
      entities: ["x", "y"],
    });

    expect(answers).toEqual(
      Array.from({ length: 2 }, () => ({ outputs: '{"p":1}', digest: old, role: "champion" })),
    );
  });

  it("answers a row that the champion fails on only where the challenger was to answer it", () => {
    const chunk = { champion: { digest: old, results: [failed] }, entities: ["x"] };
    const of = (share: number) =>
      answerRows({ ...chunk, challenger: { digest: next, results: ['{"p":2}'], share } })[0];

    expect(of(1)).toEqual({ outputs: '{"p":2}', digest: next, role: "challenger" });
    expect(of(0)).toBeUndefined();
  });

  it("gives an entity to the same version in every chunk, and keeps it there as the share grows", () => {
    const roleOf = (entity: string, share: number) =>
      answerRows({
        champion: { digest: old, results: ['{"p":1}'] },
        challenger: { digest: next, results: ['{"p":2}'], share },
        entities: [entity],
      })[0]!.role;
    const share = fc.double({ min: 0, max: 1, noNaN: true });

    fc.assert(
      fc.property(fc.string(), share, share, (entity, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        expect(roleOf(entity, low)).toBe(roleOf(entity, low));
        if (roleOf(entity, low) === "challenger") expect(roleOf(entity, high)).toBe("challenger");
      }),
    );
  });

  it("answers close to the share of many entities by the challenger", () => {
    const entities = Array.from({ length: 20_000 }, (_, i) => `N${i}`);
    const answers = answerRows({
      champion: { digest: old, results: entities.map(() => '{"p":1}') },
      challenger: { digest: next, results: entities.map(() => '{"p":2}'), share: 0.2 },
      entities,
    });
    const { champion, challenger } = countAnswers(answers);

    // Five standard deviations of a binomial count: sqrt(20,000 × 0.2 × 0.8) = 57.
    expect(Math.abs(challenger - 4000)).toBeLessThan(285);
    expect(champion + challenger).toBe(20_000);
  });
});
