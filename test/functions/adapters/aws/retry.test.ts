import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callAws } from "../../../../functions/adapters/aws/call-aws.ts";
import { forEachBounded } from "../../../../functions/adapters/aws/for-each-bounded.ts";
import { defaultRetry, startBudget } from "../../../../functions/adapters/aws/retry.ts";
import { instantRetry } from "./serve-aws.ts";

describe("a retry budget", () => {
  it("waits from nothing to a bound that doubles up to its cap", async () => {
    for (const [random, expected] of [
      [0, [0, 0, 0, 0, 0]],
      [0.999, [49.95, 99.9, 199.8, 299.7, 299.7]],
    ] as const) {
      const retry = instantRetry({ random: () => random, capMs: 300 });
      const budget = startBudget(retry);
      for (let attempt = 1; attempt <= 5; attempt++) expect(await budget.wait(attempt)).toBe(true);
      expect(retry.waitsMs.map((ms) => Number(ms.toFixed(6)))).toEqual(expected);
    }
  });

  it("ends with the last attempt", async () => {
    const budget = startBudget(instantRetry({ attempts: 2 }));
    expect(await budget.wait(1)).toBe(true);
    expect(await budget.wait(2)).toBe(false);
  });

  it("never waits past its time, whatever chance says", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }),
        async (chances) => {
          let next = 0;
          const retry = instantRetry({
            attempts: 1_000,
            totalMs: 700,
            random: () => chances[next++ % chances.length]!,
          });
          const budget = startBudget(retry);
          for (let attempt = 1; attempt <= 50; attempt++) if (!(await budget.wait(attempt))) break;
          expect(retry.now()).toBeLessThan(700);
        },
      ),
    );
  });

  it("is spent when its time is over", () => {
    let nowMs = 5;
    const budget = startBudget({ ...defaultRetry, totalMs: 10, now: () => nowMs });
    nowMs = 14.9;
    expect(budget.isSpent()).toBe(false);
    nowMs = 15;
    expect(budget.isSpent()).toBe(true);
  });
});

describe("an AWS call", () => {
  it("counts its attempts from 1 and gives back what the last one does", async () => {
    const attempts: number[] = [];
    const result = await callAws("x", instantRetry(), async (attempt) => {
      attempts.push(attempt);
      if (attempt < 3) throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
      return "done";
    });
    expect(result).toBe("done");
    expect(attempts).toEqual([1, 2, 3]);
  });

  it("does not repeat what a bug of ours broke", async () => {
    let count = 0;
    const call = callAws("x", instantRetry(), async () => {
      count++;
      throw new TypeError("no such thing");
    });
    await expect(call).rejects.toMatchObject({ name: "InvariantError", code: "bug" });
    expect(count).toBe(1);
  });
});

describe("bounded tasks", () => {
  it("run each index once and never more at a time than allowed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(50), fc.integer({ min: 1, max: 60 }), async (count, concurrency) => {
        const started: number[] = [];
        let running = 0;
        let most = 0;
        await forEachBounded(count, concurrency, async (index) => {
          started.push(index);
          most = Math.max(most, ++running);
          await Promise.resolve();
          running--;
        });
        expect(started).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(most).toBe(Math.min(count, concurrency));
      }),
    );
  });
});
