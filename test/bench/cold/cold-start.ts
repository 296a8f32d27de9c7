import { cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import { runtimeEnv } from "../../../functions/contract/env.ts";
import { sample } from "../../../functions/core/inference/samples.ts";
import { layerModulePaths } from "../../../scripts/local/lambda/layer-modules.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { kinesisEvent } from "../kinesis-event.ts";
import { quantile, ratioOf } from "../ratio.ts";
import { isNoisy, type Measured } from "../result.ts";
import { shuffled } from "../shuffle.ts";
import { flightTrees } from "../throughput/flight-workload.ts";
import { type ModelCloud, startModelCloud } from "./model-cloud.ts";
import { type ColdProcess, spawnOnce } from "./spawn-once.ts";

export interface ColdStartOptions {
  /** Folder of the project. */
  readonly root: string;
  /** Where the stream function's bundle and this machine's layer were built. */
  readonly bundleDirectory: string;
  readonly layerDirectory: string;
  readonly rounds: number;
  /** Further tries, with twice the rounds each, where noise swamps the measurement. */
  readonly retries: number;
  readonly onProgress: (text: string) => void;
}

export interface ColdStart extends Measured {
  /** Size of the usual handler's bundle. */
  readonly naiveBundleBytes: number;
}

/** From the start of a process to its first prediction, less what Node itself takes, against the usual handler. */
export async function measureColdStart(options: ColdStartOptions): Promise<ColdStart> {
  const folder = join(options.root, flightTrees);
  const scratch = await mkdtemp(join(tmpdir(), "headrace-bench-"));
  try {
    const naiveFile = join(scratch, "naive.cjs");
    const eventFile = join(scratch, "event.json");
    await bundleNaive(options.root, naiveFile);
    // Away from the project's package.json, which says that its files are ES modules.
    await cp(options.bundleDirectory, join(scratch, "stream"), { recursive: true });
    const [line] = (await readFile(join(folder, "samples.jsonl"), "utf8")).split("\n");
    const { event, outputs } = sample.parse(JSON.parse(line!));
    await writeFile(eventFile, JSON.stringify(kinesisEvent([event])));
    const cloud = await startModelCloud(folder);
    try {
      const processes = describeProcesses(options, { cloud, naiveFile, eventFile, home: scratch });
      const measured = await measureUntilQuiet(processes, options);
      await checkPredictions(cloud, Number(outputs.probability));
      return { ...measured, naiveBundleBytes: (await stat(naiveFile)).size };
    } finally {
      await cloud.stop();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** As the quick start of a bundler does it: no minifying, the packages' default entry points. */
async function bundleNaive(root: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ["test/bench/cold/naive-handler.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    external: ["onnxruntime-node"],
    logLevel: "error",
  });
}

type Processes = readonly [empty: ColdProcess, naive: ColdProcess, ours: ColdProcess, again: ColdProcess];

function describeProcesses(
  { layerDirectory }: ColdStartOptions,
  {
    cloud,
    naiveFile,
    eventFile,
    home,
  }: Record<"naiveFile" | "eventFile" | "home", string> & { cloud: ModelCloud },
): Processes {
  const architecture = process.arch === "arm64" ? "arm64" : "x86_64";
  const modules = layerModulePaths({ layerDirectories: [layerDirectory], architecture });
  // Nothing of the host's environment but PATH: settings of the developer's shell would be measured otherwise.
  const environment = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    TMPDIR: home,
    NODE_PATH: modules.join(delimiter),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
    AWS_LAMBDA_FUNCTION_NAME: "stream",
    ...cloud.environment,
  };
  const ours = {
    name: "stream function",
    handlerFile: join(home, "stream", "index.js"),
    eventFile,
    environment: { ...environment, ...runtimeEnv },
  };
  return [
    { name: "empty process", eventFile, environment },
    { name: "usual handler", handlerFile: naiveFile, eventFile, environment },
    ours,
    { ...ours, name: "stream function again" },
  ];
}

async function measureUntilQuiet(processes: Processes, options: ColdStartOptions): Promise<Measured> {
  for (let attempt = 0; ; attempt++) {
    const rounds = options.rounds * 2 ** attempt;
    options.onProgress(`cold start: ${rounds} rounds`);
    const measured = await measureOnce(processes, rounds);
    if (attempt >= options.retries || !measured.selfChecks.some(isNoisy)) return measured;
  }
}

async function measureOnce(processes: Processes, rounds: number): Promise<Measured> {
  const random = seededRandom(rounds);
  const times = processes.map((): number[] => []);
  // The first round fills the file system's cache and warms the cloud up.
  for (let round = -1; round < rounds; round++) {
    for (const each of shuffled(processes, random)) {
      const elapsedMs = await spawnOnce(each);
      if (round >= 0) times[processes.indexOf(each)]!.push(elapsedMs);
    }
  }
  const emptyMs = quantile(times[0]!, 0.5);
  const [naive, ours, again] = times.slice(1).map((each) => each.map((ms) => ms - emptyMs));
  const median = (each: readonly number[]) => quantile(each, 0.5).toFixed(0);
  return {
    results: [
      {
        name: "cold start: stream function ÷ usual handler",
        ...ratioOf(ours!, naive!),
        floor: 0.7,
        better: "lower",
        detail: `${median(ours!)} against ${median(naive!)} ms over an empty process of ${emptyMs.toFixed(0)} ms`,
      },
    ],
    selfChecks: [{ name: "cold start", ...ratioOf(ours!, again!) }],
  };
}

/** Every process put its prediction on the stream; all must be what the model's sample says. */
async function checkPredictions(cloud: ModelCloud, expected: number): Promise<void> {
  const bodies = await cloud.readPredictions();
  if (bodies.length === 0) throw new Error("cold start: got no predictions on the stream");
  for (const body of bodies) {
    const got = (JSON.parse(body) as { outputs: { probability: number } }).outputs.probability;
    if (!(Math.abs(got - expected) <= 1e-6)) {
      throw new Error(`cold start: got ${got}, expected ${expected} within 1e-6; its time does not count`);
    }
  }
}
