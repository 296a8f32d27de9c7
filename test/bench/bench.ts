import { availableParallelism, cpus, loadavg } from "node:os";
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
import { isMissed, isNoisy, type Measured } from "./result.ts";
import { measureSizes } from "./sizes.ts";
import { measureShadow } from "./streaming/shadow.ts";
import { measureSketching } from "./streaming/sketching.ts";
import { measureViews, type StreamingOptions } from "./streaming/views.ts";
import { measureWire } from "./streaming/wire.ts";
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
    wire: flag("instead, what the embedded cloud does a second: figures of this machine and its load"),
    shadow: flag("instead, what a shadow adds to the time from put to prediction, side by side"),
    json: flag("end with one JSON object"),
  },
  notes:
    "Exit status: 0 when every floor is met, 1 when one is missed or an output is wrong, 3 when the machine is too\nbusy to tell. docs/performance.md says what each line is.",
};

/** What a run has found, and for how many rounds; where those are left out, it was not repeated. */
interface Findings extends Measured {
  readonly rounds?: number;
}

await runCommand(command, async ({ rounds: asked, quick, wire, shadow, json }) => {
  if (globalThis.gc === undefined)
    throw new Error("got no gc(), expected node --expose-gc; use npm run bench");
  const onProgress = (text: string) => process.stderr.write(`  ${text}\n`);
  const startedMs = performance.now();
  const rounds = quick ? Math.min(asked, 7) : asked;
  const findings = shadow
    ? await measureBesideShadow(quick, onProgress)
    : wire
      ? await measureOnWire(quick, onProgress)
      : await measureAll({ rounds, retries: quick ? 0 : 2, onProgress });
  const seconds = (performance.now() - startedMs) / 1e3;
  return report(findings, { seconds, json });
});

async function measureOnWire(quick: boolean, onProgress: (text: string) => void): Promise<Findings> {
  await buildAll(root);
  const size = quick ? { eventCount: 5_000, steadySeconds: 10 } : { eventCount: 20_000, steadySeconds: 40 };
  return { results: await measureWire({ ...size, onProgress }), selfChecks: [] };
}

async function measureBesideShadow(quick: boolean, onProgress: (text: string) => void): Promise<Findings> {
  await buildAll(root);
  const rounds = quick ? 4 : 12;
  return { ...(await measureShadow({ rounds, roundSeconds: 10, onProgress })), rounds };
}

async function measureAll(options: StreamingOptions): Promise<Findings> {
  const { rounds, retries, onProgress } = options;
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
  const throughput = await measureThroughput({ root, ...options });
  const views = await measureViews(options);
  const writes = await measureWrites(options);
  const sketching = await measureSketching({ root, ...options });
  const infer = await measureInfer(options);
  const gateway = await measureGateway({ root, rounds, onProgress });
  const cache = await measureCache({ root, ...options });
  const parts = [
    throughput,
    views,
    writes,
    sketching,
    infer,
    { results: [gateway], selfChecks: [] },
    cache,
    cold,
  ];
  return {
    results: [...parts.flatMap(({ results }) => results), ...measureSizes(builds, cold.naiveBundleBytes)],
    selfChecks: parts.flatMap(({ selfChecks }) => selfChecks),
    rounds,
  };
}

/** @returns the exit status. */
function report(
  { results, selfChecks, rounds }: Findings,
  { seconds, json }: { readonly seconds: number; readonly json: boolean },
): number {
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
    system: `${process.platform}-${process.arch}`,
    loadAverage: loadavg()[0]!,
  };
  const length = `${rounds === undefined ? "" : `${rounds} rounds, `}${seconds.toFixed(0)} s`;
  const load = `load average ${machine.loadAverage.toFixed(1)}`;
  console.log(
    `\n${machine.cpu}, ${machine.cores} cores, ${machine.system}, Node ${machine.node}, ${load}; ${length}\n`,
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
    const aaRatio = selfChecks.reduce((a, { ratio: b }) => (Math.abs(a - 1) >= Math.abs(b - 1) ? a : b), 1);
    const tooNoisy = noisy.length > 0;
    console.log(JSON.stringify({ results, aaRatio, aa: selfChecks, tooNoisy, rounds, machine }));
  }
  if (noisy.length > 0) return exitCodes.tooNoisy;
  return missed.length > 0 ? exitCodes.missed : 0;
}
