import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { awsAccess } from "../../../functions/adapters/aws/aws-access.ts";
import { tableClient } from "../../../functions/adapters/aws/clients.ts";
import { DynamoResultCache } from "../../../functions/adapters/aws/dynamo-result-cache.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import {
  createSharedCachePolicy,
  type SharedCacheMode,
} from "../../../functions/core/cache/shared-cache-policy.ts";
import type { SharedResultCache } from "../../../functions/core/cache/shared-result-cache.ts";
import { createSharedTier } from "../../../functions/core/cache/shared-tier.ts";
import { type LoadedModel, loadModel } from "../../../functions/core/inference/loaded-model.ts";
import { perceptronModel } from "../../../scripts/onnx/example-models.ts";
import { treeModel } from "../../../scripts/onnx/example-trees.ts";
import { type Random, seededRandom } from "../../../scripts/onnx/random.ts";
import { ratioOf } from "../ratio.ts";
import { isNoisy, type Measured, type Result, type SelfCheck } from "../result.ts";
import { shuffled } from "../shuffle.ts";
import { flightWorkload } from "../throughput/flight-workload.ts";
import { syntheticWorkload } from "../throughput/synthetic-workload.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { slowModel } from "./slow-model.ts";
import { type CacheWorkload, cacheWorkload } from "./workload.ts";

export interface CacheOptions {
  /** Folder of the project. */
  readonly root: string;
  readonly rounds: number;
  /** Further tries, with twice the rounds each, where noise swamps a measurement. */
  readonly retries: number;
  readonly onProgress: (text: string) => void;
}

/** `auto` may take so much of the time without a cache, whatever the cache is like. */
const floor = 1.05;
const endpoints: readonly EndpointSettings[] = [0, 0.5, 1].flatMap((hitRatio) =>
  [0, 1, 5].map((delayMs) => ({ hitRatio, delayMs })),
);
/** For models too cheap to ask, which should not feel it; if they did, it would be the dearest. */
const dearestEndpoint: EndpointSettings = { hitRatio: 0, delayMs: 5 };
/** In these an environment measures what it is about, and pays its first lookup. */
const warmUpRounds = 5;
const digest = "0".repeat(64) as ModelDigest;
const nowMs = () => performance.now();

/**
 * Time to predict with `cache.shared: auto` against the time without a shared cache, by the wall clock: what is waited
 * for is billed as well. Real requests go to an endpoint that answers after a delay.
 */
export async function measureCache(options: CacheOptions): Promise<Measured> {
  const worker = new Worker(new URL("./endpoint.ts", import.meta.url));
  const [port] = (await once(worker, "message")) as [number];
  const client = tableClient(
    awsAccess({
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
    }),
  );
  const cache = new DynamoResultCache({
    ...{ client, table: "cache", ttlSeconds: 86_400, logger: new MemoryLogger() },
  });
  const tell = async (settings: EndpointSettings) => {
    worker.postMessage(settings);
    await once(worker, "message");
  };
  const results: Result[] = [];
  const selfChecks: SelfCheck[] = [];
  try {
    for (const workload of await workloads(options.root)) {
      await tell({ delayMs: 0, hitRatio: 1 });
      await fill(workload, cache);
      for (const endpoint of workload.isDear ? endpoints : [dearestEndpoint]) {
        await tell(endpoint);
        const { hitRatio, delayMs } = endpoint;
        const name = `${workload.name}: cache auto ÷ no cache, ${hitRatio * 100} % found, ${delayMs} ms`;
        options.onProgress(name);
        const measured = await measureCase(workload, cache, options);
        results.push({ name, better: "lower", floor, ...measured.auto });
        selfChecks.push({ name, ...measured.again });
      }
    }
  } finally {
    client.destroy();
    await worker.terminate();
  }
  return { results, selfChecks };
}

async function workloads(root: string): Promise<readonly CacheWorkload[]> {
  const engine = createOrtEngine({ memoryMiB: 1_769 });
  const trees = { name: "probabilities", width: 2, column: 1 };
  const dense = { name: "score", width: 1, column: 0 };
  const others = [
    await flightWorkload(root),
    syntheticWorkload({ name: "trees-300", onnx: treeModel(), tensor: trees, seed: 21 }),
    syntheticWorkload({ name: "dense", onnx: perceptronModel(), tensor: dense, seed: 22 }),
  ];
  return [...others.map((each) => cacheWorkload(each, engine)), slowModel()];
}

/** Put the results of all rows where they are found. */
async function fill(workload: CacheWorkload, cache: SharedResultCache): Promise<void> {
  const model = await load(workload, "always", cache);
  for (const chunk of workload.chunks) await predict(model, chunk);
  await model.session.release();
}

async function measureCase(workload: CacheWorkload, cache: SharedResultCache, options: CacheOptions) {
  const models = [
    await load(workload, "never", cache),
    await load(workload, "auto", cache),
    await load(workload, "never", cache),
  ];
  try {
    for (let attempt = 0; ; attempt++) {
      const rounds = options.rounds * 2 ** attempt;
      const [none, auto, again] = await measureRounds(workload, models, rounds);
      const measured = {
        auto: { ...ratioOf(auto!, none!), detail: `${sum(auto!)} against ${sum(none!)} ms in all` },
        again: ratioOf(again!, none!),
      };
      if (attempt >= options.retries || !isNoisy(measured.again)) return measured;
    }
  } finally {
    for (const model of models) await model.session.release();
  }
}

/** @returns per model, in order, milliseconds per round. */
async function measureRounds(
  { chunks }: CacheWorkload,
  models: readonly LoadedModel[],
  rounds: number,
): Promise<readonly number[][]> {
  const spent = models.map((): number[] => []);
  const random: Random = seededRandom(rounds);
  for (let round = -warmUpRounds; round < rounds; round++) {
    globalThis.gc?.();
    const sums = models.map(() => 0);
    for (const chunk of chunks) {
      const answers = new Set<string>();
      for (const model of shuffled(models, random)) {
        const startedMs = nowMs();
        const results = await predict(model, chunk);
        sums[models.indexOf(model)]! += nowMs() - startedMs;
        answers.add(results.join("\n"));
      }
      if (answers.size > 1) throw new Error("got other predictions with the cache than without it");
    }
    if (round >= 0) sums.forEach((ms, i) => void spent[i]!.push(ms));
  }
  return spent;
}

function predict(model: LoadedModel, chunk: Float32Array) {
  const rows = model.buffers.arrays[0] as Float32Array;
  rows.set(chunk);
  return model.predictor.predict(chunk.length / (rows.length / model.buffers.capacity));
}

/** A version with no cache of its own, so that only the shared one can answer. */
function load(workload: CacheWorkload, mode: SharedCacheMode, cache: SharedResultCache) {
  const policy = createSharedCachePolicy(mode, nowMs);
  const shared = createSharedTier({
    ...{ model: workload.name, computedBy: "bench", cache, policy, tolerance: 0, random: Math.random, nowMs },
  });
  const makeShared = () => (mode === "never" ? undefined : shared);
  return loadModel(digest, workload.files, { engine: workload.engine, nowMs, makeShared });
}

function sum(values: readonly number[]): string {
  return values.reduce((total, each) => total + each, 0).toFixed(0);
}
