import { MemoryObjectStore } from "../../../functions/adapters/memory/memory-object-store.ts";
import type { TrainingManifest } from "../../../functions/contract/training-data.ts";
import { createPartWriter } from "../../../functions/core/train/assemble/part-writer.ts";
import { readRows } from "../../../functions/core/train/training-rows.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";

const epochMs = Date.UTC(2001, 0, 1);

export const manifestKey = "learning/flights/e1/manifest.json";
export const request = { model: "flights", execution: "e1", manifestKey };

const labels = {
  binary: { kind: "binary", classes: [0, 1], output: "probabilities", index: 1 },
  classes: { kind: "classes", classes: ["a", "b", "c"], output: "scores" },
  number: { kind: "number", output: "y", index: 0 },
} as const satisfies Record<string, TrainingManifest["label"]>;

export interface MadeData {
  readonly kind?: keyof typeof labels;
  readonly rows?: { readonly train: number; readonly holdout: number };
  readonly changes?: Partial<TrainingManifest>;
}

/**
 * Training data of two numbers, a category and a one-hot feature of three columns, in a store, with its manifest. What is to be
 * predicted is known from them but for a tenth.
 */
export async function madeData({
  kind = "binary",
  rows = { train: 2_000, holdout: 500 },
  changes = {},
}: MadeData = {}) {
  const store = new MemoryObjectStore();
  const random = seededRandom(11);
  const slice = async (name: string, count: number, from: number) => {
    const writer = createPartWriter({ store, prefix: `learning/flights/e1/${name}/`, width: 8 });
    for (let i = 0; i < count; i++) await writer.add(rowOf(kind, random), epochMs + (from + i) * 60_000);
    return await writer.finish();
  };
  const manifest: TrainingManifest = {
    ...{ version: 1, model: "flights", execution: "e1", champion: "c".repeat(64) },
    features: [
      { name: "distance", width: 1, kind: "number" },
      { name: "hour", width: 1, kind: "number" },
      { name: "origin", width: 1, kind: "category" },
      { name: "airline", width: 3, kind: "category" },
    ],
    label: {
      ...labels[kind],
      ...(kind === "classes" && { classes: ["a", "b", "c"] }),
    } as TrainingManifest["label"],
    train: await slice("train", rows.train, 0),
    holdout: await slice("holdout", rows.holdout, rows.train),
    output: "learning/flights/e1/output/",
    trees: { trees: 30, depth: 4, learningRate: 0.3, stopAfter: 10 },
    seed: 0,
    ...changes,
  };
  await store.put(manifestKey, Buffer.from(JSON.stringify(manifest)));
  return { store, manifest };
}

/** Features [rows, 6] and labels of the held-out rows. */
export async function readHoldout(store: MemoryObjectStore, manifest: TrainingManifest) {
  const parts: Float32Array[] = [];
  for await (const part of readRows(store, manifest.holdout, 8)) parts.push(part);
  const rows = parts.flatMap((part) => [...part]);
  return {
    features: Float32Array.from(rows.filter((_, i) => i % 8 < 6)),
    labels: Float32Array.from(rows.filter((_, i) => i % 8 === 6)),
  };
}

function rowOf(kind: keyof typeof labels, random: ReturnType<typeof seededRandom>): Float32Array {
  const [distance, hour, origin, airline] = [
    random.uniform(),
    random.integer(24),
    random.integer(40),
    random.integer(3),
  ];
  const isFar = distance > 0.5 !== (origin * 7) % 5 > 2;
  const noise = random.uniform() < 0.1;
  const label = {
    binary: Number(isFar !== noise),
    classes: noise ? random.integer(3) : isFar ? 2 : Number(airline === 1),
    number: (isFar ? 10 : 0) + hour / 4 + (noise ? 5 : 0),
  }[kind];
  return Float32Array.of(
    ...[distance, hour, origin],
    ...[0, 1, 2].map((each) => Number(each === airline)),
    ...[label, 1],
  );
}
