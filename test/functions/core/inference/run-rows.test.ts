import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DependencyError, ModelRunError } from "../../../../functions/core/errors.ts";
import { runRows } from "../../../../functions/core/inference/run-rows.ts";
import { buffersOf, DoublingSession, doubled } from "./fake-session.ts";

function run(session: DoublingSession, rows: readonly number[]) {
  return runRows({ session, outputs: doubled, buffers: buffersOf(rows), count: rows.length });
}

describe("runRows", () => {
  it("runs all rows at once where nothing fails, and none where there are none", async () => {
    const session = new DoublingSession();
    expect(await run(session, [1, 2, 3])).toEqual(['{"y":2}', '{"y":4}', '{"y":6}']);
    expect(session.runs).toEqual([[1, 2, 3]]);
    expect(await run(session, [])).toEqual([]);
    expect(session.runs).toHaveLength(1);
  });

  it("fails exactly the guilty rows, gives all others their own answers in order, and runs no more than it must", async () => {
    const rowsAndPoison = fc
      .integer({ min: 1, max: 200 })
      .chain((count) => fc.tuple(fc.constant(count), fc.uniqueArray(fc.nat(count - 1), { maxLength: 12 })));
    await fc.assert(
      fc.asyncProperty(rowsAndPoison, async ([count, poison]) => {
        const session = new DoublingSession(poison);
        const rows = Array.from({ length: count }, (_, i) => i);
        const results = await run(session, rows);
        expect(results).toHaveLength(count);
        for (let i = 0; i < count; i++) {
          if (poison.includes(i)) expect(results[i]).toBeInstanceOf(ModelRunError);
          else expect(results[i]).toBe(`{"y":${i * 2}}`);
        }
        // Each guilty row costs two runs per halving and one more try of its own.
        const depth = Math.ceil(Math.log2(count));
        expect(session.runs.length).toBeLessThanOrEqual(1 + poison.length * (2 * depth + 1));
      }),
      { numRuns: 200 },
    );
  });

  it("tries a row that fails alone once more", async () => {
    const session = new DoublingSession([2]);
    const original = session.run.bind(session);
    session.run = async (feeds) => {
      // Heals itself on the fourth run: all, [1], [2], [2] again.
      if (session.runs.length === 3) session.poison.clear();
      return await original(feeds);
    };
    expect(await run(session, [1, 2])).toEqual(['{"y":2}', '{"y":4}']);
    expect(session.runs).toEqual([[1, 2], [1], [2], [2]]);
  });

  it("fails a row whose output is not finite, without another run", async () => {
    const session = new DoublingSession();
    const results = await run(session, [1, 1e308, 3]);
    expect(results[0]).toBe('{"y":2}');
    expect(results[1]).toMatchObject({ code: "run.output", message: expect.stringContaining("not finite") });
    expect(results[2]).toBe('{"y":6}');
    expect(session.runs).toHaveLength(1);
  });

  it("believes no output that has not one row per row", async () => {
    const session = new DoublingSession();
    session.run = async () => ({ y: { type: "float64", shape: [5, 1], data: new Float64Array(5) } });
    for (const result of await run(session, [1, 2, 3])) {
      expect(result).toMatchObject({
        code: "run.output",
        message:
          'model output "y": got shape [5, 1], expected 1 row(s) along the first axis; export the model with one output row per input row',
      });
    }
    session.run = async () => ({});
    expect(await run(session, [1])).toEqual([
      expect.objectContaining({ message: expect.stringContaining('model output "y": got shape []') }),
    ]);
  });

  it("passes on what says nothing about the rows", async () => {
    const session = new DoublingSession();
    session.run = async () => {
      throw new DependencyError("gone", { code: "dependency.unavailable" });
    };
    await expect(run(session, [1])).rejects.toThrow(DependencyError);
  });
});
