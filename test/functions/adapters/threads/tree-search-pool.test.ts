import { describe, expect, it } from "vitest";
import { createTreeSearchPool } from "../../../../functions/adapters/threads/tree-search-pool.ts";
import { trainTrees } from "../../../../functions/core/train/trees/train-trees.ts";
import { writeTreesOnnx } from "../../../../functions/core/train/trees/write-trees-onnx.ts";
import { randomDataset } from "../../core/train/trees/random-dataset.ts";

const script = new URL("../../../../functions/adapters/threads/tree-search-thread.ts", import.meta.url);

describe("a pool of search threads", () => {
  it.each(["regression", "binary", "multiclass"] as const)(
    "gives the trees of one thread bit for bit, for %s",
    async (target) => {
      const dataset = randomDataset({ target, rowCount: 2000, seed: 11 });
      const options = {
        target,
        classCount: target === "multiclass" ? 3 : 2,
        trees: 8,
        subsample: 0.8,
        columnSample: 0.8,
      };
      const modelWith = async (threads?: number) => {
        const pool = threads === undefined ? undefined : createTreeSearchPool({ threads, script });
        const { ensemble } = await trainTrees(dataset, options, { pool });
        return Buffer.from(writeTreesOnnx(ensemble));
      };
      const alone = await modelWith();
      for (const threads of [1, 2, 3, 9]) {
        expect(alone.equals(await modelWith(threads))).toBe(true);
      }
    },
  );

  it("says so when its script cannot be loaded", async () => {
    const pool = createTreeSearchPool({ threads: 2, script: new URL("./nowhere.ts", import.meta.url) });
    const dataset = randomDataset({ target: "binary", rowCount: 100, seed: 1 });
    await expect(trainTrees(dataset, { target: "binary", trees: 1 }, { pool })).rejects.toThrow("nowhere");
  });

  it("says so when a thread fails, and ends the others", async () => {
    const pool = createTreeSearchPool({
      threads: 3,
      script: new URL("./failing-thread.mjs", import.meta.url),
    });
    const dataset = randomDataset({ target: "binary", rowCount: 100, seed: 1 });
    await expect(trainTrees(dataset, { target: "binary", trees: 1 }, { pool })).rejects.toThrow(
      "a search thread failed",
    );
  });

  it("gives up on a thread that does not answer", async () => {
    const silent = createTreeSearchPool({
      threads: 2,
      script: new URL("./silent-thread.mjs", import.meta.url),
      levelTimeoutMs: 50,
    });
    const dataset = randomDataset({ target: "binary", rowCount: 100, seed: 1 });
    await expect(trainTrees(dataset, { target: "binary", trees: 1 }, { pool: silent })).rejects.toThrow(
      "gave no answer in 50 ms",
    );
  });
});
