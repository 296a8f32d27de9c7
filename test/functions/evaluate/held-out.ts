import { MemoryLogger } from "../../../functions/adapters/memory/memory-logger.ts";
import { MemoryObjectStore } from "../../../functions/adapters/memory/memory-object-store.ts";
import { MemoryPackageStore } from "../../../functions/adapters/memory/memory-package-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import type { TrainingManifest } from "../../../functions/contract/training-data.ts";
import type { InferenceEngine, ModelSession } from "../../../functions/core/inference/model-session.ts";
import { createPartWriter } from "../../../functions/core/train/assemble/part-writer.ts";
import { trainTrees } from "../../../functions/core/train/trees/train-trees.ts";
import { writeTreesOnnx } from "../../../functions/core/train/trees/write-trees-onnx.ts";
import { evaluateModel } from "../../../functions/evaluate/evaluate-model.ts";
import { seededRandom } from "../../../scripts/onnx/random.ts";
import { packageOf } from "../stream/set-up.ts";

/** A row: three features, the label and the weight. */
type Row = readonly [a: number, b: number, c: number, label: number, weight: number];

/** Rows of which `a` says most; `b` and `c` say the rest. */
export function drawRows(count: number, seed: number): Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (): Row => {
    const [a, b, c] = [random.normal(), random.normal(), random.normal()];
    const isYes = random.uniform() < 1 / (1 + Math.exp(-(2 * a - b + 0.5 * c)));
    return [a, b, c, isYes ? 1 : 0, 1];
  });
}

export const flipped = ([a, b, c, label, weight]: Row): Row => [a, b, c, 1 - label, weight];
/** As where a producer lost it: all that is left is the default. */
export const withoutA = ([, ...rest]: Row): Row => [0, ...rest];

export async function trainOn(rows: readonly Row[], trees = 40): Promise<Uint8Array> {
  const column = (i: number) => Float32Array.from(rows, (row) => row[i]!);
  const { ensemble } = await trainTrees(
    { rowCount: rows.length, columns: [column(0), column(1), column(2)], labels: column(3) },
    { target: "binary", trees, depth: 3 },
  );
  return writeTreesOnnx(ensemble);
}

const declaration = {
  name: "m",
  event: { id: "id" },
  features: { a: { from: "a" }, b: { from: "b" }, c: { from: "c" } },
  outputs: { probability: { from: "probabilities", index: 1 } },
  outcome: { on: {}, id: "id", label: { from: "minutes", above: 15 }, within: "48h" },
};

export const request = {
  model: "m",
  execution: "e1",
  manifestKey: "learning/m/e1/manifest.json",
  modelKey: "learning/m/e1/output/model.onnx",
};

export interface Given {
  readonly champion: Uint8Array;
  readonly challenger?: Uint8Array;
  /** Held-out rows. */
  readonly rows: readonly Row[];
  readonly training?: object;
  /** Milliseconds that a run of a model takes, by the clock that is looked at. @default 1 */
  readonly costMs?: (model: Uint8Array) => number;
  /** Changes sessions. */
  readonly alter?: (session: ModelSession, model: Uint8Array) => ModelSession;
}

const ort = createOrtEngine({ memoryMiB: 1769 });

/** The evaluate function over memory adapters and ONNX Runtime, and a clock that only runs move. */
export async function setUp({ champion, challenger, rows, training, costMs = () => 1, alter }: Given) {
  const [store, packages, logger] = [new MemoryObjectStore(), new MemoryPackageStore(), new MemoryLogger()];
  const digest = await packages.write(
    "m",
    packageOf(champion, { ...declaration, ...(training && { training }) }),
  );
  const writer = createPartWriter({ store, prefix: "learning/m/e1/holdout/", width: 5 });
  for (const [i, row] of rows.entries()) await writer.add(Float32Array.from(row), i);
  const holdout = await writer.finish();
  const manifest: TrainingManifest = {
    ...{ version: 1, model: "m", execution: "e1", champion: digest, seed: 0, trees: {}, holdout },
    features: ["a", "b", "c"].map((name) => ({ name, width: 1, kind: "number" as const })),
    label: { kind: "binary", classes: [0, 1], output: "probabilities", index: 1 },
    train: { rows: 0, from: "", to: "", parts: [] },
    output: "learning/m/e1/output/",
  };
  store.objects.set(request.manifestKey, Buffer.from(JSON.stringify(manifest)));
  if (challenger !== undefined) store.objects.set(request.modelKey, challenger);
  let clockMs = 0;
  let open = 0;
  const engine: InferenceEngine = {
    warm: () => ort.warm(),
    async createSession(model) {
      const session = await ort.createSession(model);
      open++;
      const timed: ModelSession = {
        ...session,
        run(feeds, names) {
          clockMs += costMs(model);
          return session.run(feeds, names);
        },
        release() {
          open--;
          return session.release();
        },
      };
      return alter?.(timed, model) ?? timed;
    },
  };
  const deps = { store, packages, engine, logger, nowMs: () => clockMs };
  return { deps, store, packages, manifest, evaluate: () => evaluateModel(request, deps), open: () => open };
}
