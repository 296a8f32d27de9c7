import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listFiles } from "../../../scripts/build/directory.ts";
import { buildFunctions } from "../../../scripts/build/functions.ts";
import { createBuildRoot } from "./build-root.ts";

const handler = `
  import { createTreeSearchPool } from "../adapters/threads/tree-search-pool.ts";
  import { trainTrees } from "../core/train/trees/train-trees.ts";
  import { writeTreesOnnx } from "../core/train/trees/write-trees-onnx.ts";

  export const handler = async ({ script, threads }: { script: string; threads: number }) => {
    const column = Float32Array.from({ length: 300 }, (_, row) => (row * 7919) % 300);
    const columns = [column, column.map((value) => (value * value) % 97)];
    const labels = column.map((value) => Number(value % 50 > 20));
    const pool = createTreeSearchPool({ threads, script });
    const { ensemble } = await trainTrees({ rowCount: 300, columns, labels }, { target: "binary", trees: 3 }, { pool });
    return Buffer.from(writeTreesOnnx(ensemble)).toString("base64");
  };
`;
const thread = 'import "../adapters/threads/tree-search-thread.ts";';

test("a function's thread is bundled beside it, and trains the same trees there", async () => {
  const built = await createBuildRoot({
    "functions/training/handler.ts": handler,
    "functions/training/thread.ts": thread,
    "functions/single/handler.ts": handler,
  });
  try {
    const [single, training] = await buildFunctions(built.root);
    expect(await listFiles(training!.directory)).toContain("thread.js");
    expect(await listFiles(single!.directory)).not.toContain("thread.js");
    const script = join(training!.directory, "thread.js");
    const [one, two] = [1, 2].map((threads) => train(training!.directory, { script, threads }));
    expect(one!.length).toBeGreaterThan(1000);
    expect(one === two).toBe(true);
  } finally {
    await built.remove();
  }
});

function train(directory: string, event: { script: string; threads: number }): string {
  const program = `require(process.argv[1]).handler(${JSON.stringify(event)}).then(console.log)`;
  const child = spawnSync(process.execPath, ["--eval", program, directory], {
    encoding: "utf8",
    timeout: 60_000,
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return child.stdout;
}
