import { availableParallelism, cpus } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll } from "../../scripts/build/build.ts";
import { flag, integer } from "../../scripts/cli/option.ts";
import { runCommand } from "../../scripts/cli/run-command.ts";
import { measureCache } from "./cache/cache.ts";
import { measureColdStart } from "./cold/cold-start.ts";
import { measureGateway } from "./predict/gateway.ts";
import { measureInfer } from "./predict/infer.ts";
import { reportLines } from "./report.ts";
import { isMissed, isNoisy } from "./result.ts";
import { measureSizes } from "./sizes.ts";
import { measureViews } from "./streaming/views.ts";
import { measureWrites } from "./streaming/writes.ts";
import { measureThroughput } from "./throughput/throughput.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const exitCodes = { missed: 1, tooNoisy: 3 } as const;

const command = {
  usage: "npm run bench --",
  summary: "Measure the functions, their cold start and their size against what they are compared with.",
  options: {
    rounds: integer("rounds per measurement", { min: 3, max: 1_000, fallback: 25 }),
    quick: flag("few rounds, for a first look"),
    json: flag("end with one JSON object"),
  },
  notes:
    "Exit status: 0 when every floor is met, 1 when one is missed or an output is wrong, 3 when the machine is too\nbusy to tell. docs/performance.md says what each line is.",
};

await runCommand(command, async ({ rounds: asked, quick, json }) => {
  if (globalThis.gc === undefined)
    throw new Error("got no gc(), expected node --expose-gc; use npm run bench");
  const rounds = quick ? Math.min(asked, 7) : asked;
  const onProgress = (text: string) => process.stderr.write(`  ${text}\n`);
  const startedMs = performance.now();
  const retries = quick ? 0 : 2;
  const builds = await buildAll(root);
  const stream = builds.functions.find(({ name }) => name === "stream")!;
  const layer =
    builds.layers.find(({ directory }) => basename(directory) === process.arch) ?? builds.layers[0]!;
  const cold = await measureColdStart({
    root,
    bundleDirectory: stream.directory,
    layerDirectory: layer.directory,
    rounds: Math.max(rounds, 11),
    retries,
    onProgress,
  });
  const throughput = await measureThroughput({ root, rounds, retries, onProgress });
  const views = await measureViews({ rounds, retries, onProgress });
  const writes = await measureWrites({ rounds, retries, onProgress });
  const infer = await measureInfer({ rounds, retries, onProgress });
  const gateway = await measureGateway({ root, rounds, onProgress });
  const cache = await measureCache({ root, rounds, retries, onProgress });
  const results = [
    ...throughput.results,
    ...views.results,
    ...writes.results,
    ...infer.results,
    gateway,
    ...cache.results,
    ...cold.results,
    ...measureSizes(builds, cold.naiveBundleBytes),
  ];
  const selfChecks = [
    ...throughput.selfChecks,
    ...views.selfChecks,
    ...infer.selfChecks,
    ...cache.selfChecks,
    ...cold.selfChecks,
  ];
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
    system: `${process.platform}-${process.arch}`,
  };
  console.log(
    `\n${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}; ${rounds} rounds, ${((performance.now() - startedMs) / 1e3).toFixed(0)} s\n`,
  );
  for (const line of reportLines(results, selfChecks)) console.log(line);
  const missed = results.filter(isMissed);
  const noisy = selfChecks.filter(isNoisy);
  if (noisy.length > 0)
    console.log(
      "\ntoo noisy: the same code differs from itself by more than 5 %; close what else is running",
    );
  else if (missed.length > 0) console.log(`\nmissed: ${missed.map(({ name }) => name).join("; ")}`);
  if (json) {
    const worst = selfChecks.reduce((a, b) => (Math.abs(a.ratio - 1) >= Math.abs(b.ratio - 1) ? a : b));
    console.log(
      JSON.stringify({
        results,
        aaRatio: worst.ratio,
        aa: selfChecks,
        tooNoisy: noisy.length > 0,
        rounds,
        machine,
      }),
    );
  }
  if (noisy.length > 0) return exitCodes.tooNoisy;
  return missed.length > 0 ? exitCodes.missed : 0;
});
