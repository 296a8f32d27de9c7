import { gzipSync } from "node:zlib";
import { MemoryLayoutStore } from "../../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLedger } from "../../../functions/adapters/memory/memory-ledger.ts";
import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryObjectStore } from "../../../functions/adapters/memory/memory-object-store.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { assembleData } from "../../../functions/assemble/assemble-data.ts";
import type { AssembleDeps } from "../../../functions/assemble/deps.ts";
import type { EarlyOutcome, Example } from "../../../functions/contract/example.ts";
import type { ModelDigest } from "../../../functions/contract/ids.ts";
import type { TrainingSlice } from "../../../functions/contract/training-data.ts";
import { parseDeclaration } from "../../../functions/core/inference/package-declarations.ts";
import { type ExampleBatch, exampleObjects } from "../../../functions/core/outcome/example-store.ts";
import type { StoredPrediction } from "../../../functions/core/outcome/outcome-store.ts";
import type { StoredLayout } from "../../../functions/core/outcome/stored-layout.ts";
import { readManifest, readRows, rowWidth } from "../../../functions/core/train/training-rows.ts";
import { tableModel } from "../../../scripts/onnx/example-models.ts";
import { packageOf } from "../stream/set-up.ts";

export const hourMs = 3_600_000;
/** Events of long ago, as a replay has them. */
export const startMs = Date.UTC(2001, 0, 1);
export const request = { model: "table", execution: "table-20010131-1" };

const layout: StoredLayout = {
  schemaVersion: 1,
  inputs: [{ type: "float32", width: 2 }],
  features: [
    { name: "place", input: 0, column: 0, width: 1 },
    { name: "other", input: 0, column: 1, width: 1 },
  ],
};

/** What the table model says of a place. */
export const scores = [0.125, 0.25, 0.5, 1];

const declaration = {
  name: "table",
  event: { id: "id", time: "at" },
  features: { place: { from: "place" }, other: { from: "other" } },
  outputs: { score: { from: "score" } },
  outcome: { on: {}, id: "id", label: { from: "minutes", above: 15 }, within: "48h" },
};

const engine = createOrtEngine({ memoryMiB: 1769 });

/** The assemble function over memory adapters and ONNX Runtime. */
export async function setUp({ training = {}, json = {} }: { training?: object; json?: object } = {}) {
  const [store, packages, layouts] = [
    new MemoryObjectStore(),
    new MemoryPackageStore(),
    new MemoryLayoutStore(),
  ];
  const [ledger, logger] = [new MemoryLedger(), new MemoryLogger()];
  const predictions = new Map<string, StoredPrediction[]>();
  let revision = 0;
  const deps: AssembleDeps = {
    ...{ ledger, layouts, store, packages, engine, logger },
    declarations: {
      async read(model, digest) {
        return parseDeclaration((await packages.read(model, digest)).get("model.json")!);
      },
    },
    outcomes: { find: async (_, eventIds) => eventIds.map((eventId) => predictions.get(eventId) ?? []) },
    now: () => Date.UTC(2026, 0, 1),
    nowMs: () => 0,
  };
  const digest = await publish({ training: { rows: { least: 20 }, ...training }, ...json });
  await promote(digest);
  return { deps, store, layouts, logger, predictions, digest, publish, promote, write, run, rowsOf };

  async function publish(changes: object): Promise<ModelDigest> {
    const files = packageOf(tableModel({ table: scores }), { ...declaration, ...changes });
    const published = await packages.write("table", files);
    await layouts.write("table", published, layout);
    return published;
  }

  async function promote(champion: ModelDigest): Promise<void> {
    await ledger.append({
      ...{ model: "table", revision: ++revision, at: "2026-01-01T00:00:00.000Z", by: "ann", why: "test" },
      change: { kind: "publish", digest: champion, sourceDigest: "s", alias: "champion" },
      aliases: { champion: { digest: champion } },
    });
  }

  function write(batch: Partial<ExampleBatch>): void {
    const range = { model: "table", shard: "shardId-000000000000", first: "1", last: "9" };
    for (const { key, lines } of exampleObjects({ ...range, examples: [], early: [], ...batch }))
      store.objects.set(key, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
  }

  async function run() {
    return await assembleData(request, deps);
  }

  async function rowsOf(slice: "train" | "holdout"): Promise<number[][]> {
    const manifest = await readManifest(store, `learning/table/${request.execution}/manifest.json`);
    const width = rowWidth(manifest);
    const rows: number[][] = [];
    const given: TrainingSlice = manifest[slice];
    for await (const part of readRows(store, given, width))
      for (let at = 0; at < part.length; at += width) rows.push([...part.subarray(at, at + width)]);
    return rows;
  }
}

/** The example of event `i`: ten an hour, whose outcomes come an hour later. */
export function exampleOf(i: number, digest: string, changes: Partial<Example> = {}): Example {
  const timeMs = startMs + (i * hourMs) / 10;
  return {
    ...{ predictionId: `p${i}`, model: "table", digest, role: "champion", eventId: `e${i}` },
    eventTime: new Date(timeMs).toISOString(),
    outputs: { score: 0.5 },
    outcomeTime: new Date(timeMs + hourMs).toISOString(),
    features: { place: i % 4, other: i },
    label: i % 3 === 0 ? 1 : 0,
    ...changes,
  };
}

/** The prediction of event `i`, whose outcome had come before it. */
export function earlyOf(i: number, digest: string): { outcome: EarlyOutcome; prediction: StoredPrediction } {
  const { outcomeTime, label, features: _, ...body } = exampleOf(i, digest);
  return {
    outcome: { model: "table", eventId: body.eventId, outcomeTime, label },
    prediction: {
      ...{ eventId: body.eventId, role: "champion", predictionId: body.predictionId, outcome: undefined },
      body: JSON.stringify(body),
      features: new Uint8Array(Float32Array.of(i % 4, i).buffer),
    },
  };
}
