import { readFile } from "node:fs/promises";
import type { KinesisStreamEvent } from "aws-lambda";
import { LruResultCache } from "../../../functions/adapters/lru/lru-result-cache.ts";
import { MemoryExampleStore } from "../../../functions/adapters/memory/memory-example-store.ts";
import { MemoryLayoutStore } from "../../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryMetrics } from "../../../functions/adapters/memory/memory-metrics.ts";
import { MemoryOutcomeStore } from "../../../functions/adapters/memory/memory-outcome-store.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { MemoryPredictionStore } from "../../../functions/adapters/memory/memory-prediction-store.ts";
import { MemoryPredictionStream } from "../../../functions/adapters/memory/memory-prediction-stream.ts";
import { MemoryRejectStore } from "../../../functions/adapters/memory/memory-reject-store.ts";
import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { Aliases } from "../../../functions/contract/ledger.ts";
import type { PackageFileName } from "../../../functions/contract/manifest.ts";
import { type Prediction, prediction } from "../../../functions/contract/prediction.ts";
import type { LoadOptions } from "../../../functions/core/inference/loaded-model.ts";
import { createModelLoader } from "../../../functions/core/inference/model-loader.ts";
import type { PackageFiles } from "../../../functions/core/inference/package-store.ts";
import { createRowDecoders } from "../../../functions/core/outcome/row-decoders.ts";
import { createBreaker } from "../../../functions/core/rollout/breaker.ts";
import { maxAliasAgeMs } from "../../../functions/core/rollout/champion.ts";
import { createRoleReader } from "../../../functions/core/rollout/serving-roles.ts";
import { createBatchTimer } from "../../../functions/stream/batch-timer.ts";
import type { StreamDeps } from "../../../functions/stream/deps.ts";
import { createModelStates } from "../../../functions/stream/model-state.ts";
import { processBatch } from "../../../functions/stream/process-batch.ts";
import { createShadowQueues } from "../../../functions/stream/shadow-queue.ts";
import { exampleFolder } from "../../../scripts/models/write-package.ts";
import { tableModel } from "../../../scripts/onnx/example-models.ts";

export const streamArn = "arn:aws:kinesis:eu-west-1:111122223333:stream/events";
export const shard = "shardId-000000000003";

/** What an event carries: JSON text or raw bytes, or a value that is written as JSON. */
export type Payload = string | Uint8Array | object;

/** A delivery of payloads, at the positions `from` … of the shard. */
export function delivery(payloads: readonly Payload[], from = 0): KinesisStreamEvent {
  return {
    Records: payloads.map((payload, i) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: `key-${from + i}`,
        sequenceNumber: sequenceNumber(from + i),
        data: bytesOf(payload).toString("base64"),
        approximateArrivalTimestamp: 1_700_000_000.987 + from + i,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${shard}:${sequenceNumber(from + i)}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::111122223333:role/stream",
      awsRegion: "eu-west-1",
      eventSourceARN: streamArn,
    })),
  };
}

export function sequenceNumber(position: number): string {
  return `4954511524${String(position).padStart(46, "0")}`;
}

function bytesOf(payload: Payload): Buffer {
  if (payload instanceof Uint8Array) return Buffer.from(payload);
  return Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
}

/** The table model: `score` is `table[place]`, and a place outside of the table makes the whole run fail. */
export function tablePackage(
  json: object = {},
  table: readonly number[] = [0.125, 0.25, 0.5, 1],
): PackageFiles {
  return packageOf(tableModel({ table: [...table] }), {
    name: "table",
    event: { id: "id", time: "at" },
    predictOn: { type: "ask" },
    features: { place: { from: "place" }, other: { from: "other", default: 0 } },
    outputs: { score: { from: "score" } },
    keep: true,
    ...json,
  });
}

export function packageOf(model: Uint8Array, json: object): PackageFiles {
  return new Map<PackageFileName, Uint8Array>([
    ["model.json", Buffer.from(JSON.stringify(json))],
    ["model.onnx", model],
  ]);
}

/** An example package of models/, or one in a folder, with other keys in its `model.json` where given. */
export async function examplePackage(example: string | URL, json: object = {}): Promise<PackageFiles> {
  const folder = typeof example === "string" ? exampleFolder(example) : example;
  const names = ["model.json", "model.onnx", "samples.jsonl"] as const;
  const files = new Map<PackageFileName, Uint8Array>();
  for (const file of names) files.set(file, await readFile(new URL(file, folder)));
  const declared = JSON.parse(new TextDecoder().decode(files.get("model.json"))) as object;
  return files.set("model.json", Buffer.from(JSON.stringify({ ...declared, ...json })));
}

/** An event for the table model. */
export function ask(id: string, place: unknown, more: object = {}): object {
  return { type: "ask", id, at: "2001-01-31T06:44:00Z", place, ...more };
}

const engine = createOrtEngine({ memoryMiB: 1769 });

/** The stream function over memory adapters and ONNX Runtime, with a package published as champion. */
export async function setUp(
  files: PackageFiles | undefined,
  overrides: Partial<StreamDeps> = {},
  load: Partial<LoadOptions> = {},
) {
  const declared =
    files && (JSON.parse(new TextDecoder().decode(files.get("model.json"))) as { name: string });
  const model = declared?.name ?? "table";
  const ledger = new MemoryLedger();
  const packages = new MemoryPackageStore();
  const store = new MemoryPredictionStore();
  const predictions = new MemoryPredictionStream();
  const rejects = new MemoryRejectStore();
  const metrics = new MemoryMetrics();
  const logger = new MemoryLogger();
  const state = {
    tiles: new MemoryShardStateStore(),
    sketches: new MemoryShardStateStore(),
    examples: new MemoryExampleStore(),
  };
  const runs: number[] = [];
  let nowMs = Date.UTC(2026, 0, 1);
  let revision = 0;

  const loader = createModelLoader(model, packages, {
    engine,
    makeCache: (memoryBytes) => new LruResultCache(memoryBytes),
    nowMs: () => performance.now(),
    onRun: (rowCount) => runs.push(rowCount),
    ...load,
  });
  const shadowDeps = {
    ...{ model, store, metrics, logger, keepSeconds: 3600 },
    // Tests say nothing of time: however slow the machine is, no version is.
    breaker: createBreaker({ nowMs: () => nowMs, maxLatencyRatio: Number.POSITIVE_INFINITY }),
    now: () => nowMs,
    nowMs: () => performance.now(),
  };

  const deps: StreamDeps = {
    ...shadowDeps,
    role: "champion",
    roles: createRoleReader({ ...{ model, ledger, loader, metrics, logger }, nowMs: () => nowMs }),
    shadows: createShadowQueues({ ...shadowDeps, ...overrides }),
    predictions,
    rejects,
    timer: createBatchTimer({ metrics, now: () => nowMs, nowMs: () => performance.now() }),
    stateOf: createModelStates({
      ...state,
      outcomes: new MemoryOutcomeStore(store),
      decoders: createRowDecoders({ model, layouts: new MemoryLayoutStore(), logger }),
      parentsOf: async () => [],
      ...{ metrics, logger, now: () => nowMs },
    }),
    ...overrides,
  };

  /** Publish a version as champion, or with the aliases that are made of its digest. */
  async function publish(
    published: PackageFiles,
    aliasesOf: (digest: ModelDigest) => Aliases = (digest) => ({ champion: { digest } }),
  ): Promise<ModelDigest> {
    const digest = await packages.write(model, published);
    revision++;
    await ledger.append({
      model,
      revision,
      at: new Date(nowMs).toISOString(),
      by: "test",
      why: "test",
      change: { kind: "publish", digest, sourceDigest: digest, alias: "champion" },
      aliases: aliasesOf(digest),
    });
    nowMs += maxAliasAgeMs;
    return digest;
  }

  const digest = files === undefined ? undefined : await publish(files);
  return {
    deps,
    digest,
    loader,
    publish,
    /** Let so much time pass. */
    wait: (ms: number) => {
      nowMs += ms;
    },
    ledger,
    packages,
    store,
    rejects,
    metrics,
    logger,
    ...state,
    /** Rows of every run of the model. */
    runs,
    /** Deliver payloads; the failures reported, as positions in the shard. */
    async deliver(payloads: readonly Payload[], from = 0): Promise<number[]> {
      const { batchItemFailures } = await processBatch(delivery(payloads, from), deps);
      return batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier.slice(10)));
    },
    /** What consumers have read so far, parsed by the contract. */
    emitted: (): Prediction[] => predictions.records.map(({ body }) => prediction.parse(JSON.parse(body))),
    records: predictions.records,
    counts: () => ({
      events: metrics.sum("Events"),
      predicted: metrics.sum("Predictions"),
      skipped: metrics.sum("Skipped"),
      rejected: metrics.sum("Rejected"),
      retried: metrics.sum("Retried"),
    }),
  };
}
