import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createTreeSearchPool } from "../../../functions/adapters/threads/tree-search-pool.ts";
import { estimateTraining } from "../../../functions/core/train/trees/estimate-training.ts";
import { trainTrees } from "../../../functions/core/train/trees/train-trees.ts";
import type { TreeDataset } from "../../../functions/core/train/trees/tree-dataset.ts";
import { writeTreesOnnx } from "../../../functions/core/train/trees/write-trees-onnx.ts";
import { integer, path } from "../../../scripts/cli/option.ts";
import { runCommand } from "../../../scripts/cli/run-command.ts";
import { createTerminal } from "../../../scripts/cli/terminal.ts";
import { syntheticRows } from "./synthetic-rows.ts";

const command = {
  usage: "node test/bench/trees/train-trees.ts",
  summary:
    "Measure how long the built-in trainer takes and the memory it needs, beside XGBoost on one thread.",
  options: {
    rows: integer("rows", { min: 100, max: 10_000_000, fallback: 500_000 }),
    features: integer("features", { min: 1, max: 1_000, fallback: 20 }),
    trees: integer("trees", { min: 1, max: 10_000, fallback: 200 }),
    depth: integer("splits from root to leaf", { min: 1, max: 12, fallback: 6 }),
    threads: integer("threads", { min: 1, max: 64, fallback: 1 }),
    python: path("a python with numpy and xgboost, for the ratio (default: none)"),
  },
  notes: "Seconds of CPU are what compares on a machine that does other things too.",
};

interface Size {
  readonly rows: number;
  readonly features: number;
  readonly trees: number;
  readonly depth: number;
}

await runCommand(command, async ({ python, threads, ...size }) => {
  const terminal = createTerminal(process.stdout);
  const dataset = syntheticRows(size.rows, size.features);
  const script = new URL("../../../functions/adapters/threads/tree-search-thread.ts", import.meta.url);
  const before = process.cpuUsage();
  const { ensemble, report } = await trainTrees(
    dataset,
    { target: "binary", trees: size.trees, depth: size.depth },
    {
      pool: threads > 1 ? createTreeSearchPool({ threads, script }) : undefined,
      nowMs: () => performance.now(),
    },
  );
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  const sizeBytes = writeTreesOnnx(ensemble).byteLength;
  const estimate = estimateTraining(size, threads);
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  terminal.line(
    `headrace  ${seconds(cpuSeconds)} of CPU, ${seconds(report.seconds!)} in all, peak RSS ${peakMiB.toFixed(0)} MiB, model ${sizeBytes.toLocaleString("en-US")} bytes`,
  );
  terminal.line(`estimate  ${seconds(estimate.seconds)}, ${(estimate.memoryBytes / 2 ** 20).toFixed(0)} MiB`);
  if (python === undefined) return 0;
  const other = await trainXgboost(python, dataset, size);
  terminal.line(
    `xgboost   ${seconds(other.cpuSeconds)} of CPU, ${seconds(other.seconds)} in all (${other.version}, one thread): ratio ${(cpuSeconds / other.cpuSeconds).toFixed(2)} of CPU`,
  );
  return 0;
});

interface XgboostTimes {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly version: string;
}

async function trainXgboost(
  python: string,
  { columns, labels }: TreeDataset,
  size: Size,
): Promise<XgboostTimes> {
  const folder = await mkdtemp(join(tmpdir(), "headrace-trees-"));
  try {
    const file = join(folder, "rows.f32");
    await writeFile(
      file,
      [...columns, labels].map((each) => new Uint8Array(each.buffer)),
    );
    const script = fileURLToPath(new URL("xgboost-train.py", import.meta.url));
    const numbers = [size.rows, size.features, size.trees, size.depth].map(String);
    const { stdout } = await promisify(execFile)(python, [script, file, ...numbers]);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}
