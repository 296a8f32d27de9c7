import { MemoryLayoutStore } from "../../functions/adapters/memory/memory-layout-store.ts";
import { MemoryLearningStore } from "../../functions/adapters/memory/memory-learning-store.ts";
import { MemoryLedger } from "../../functions/adapters/memory/memory-ledger.ts";
import { MemoryNotices } from "../../functions/adapters/memory/memory-notices.ts";
import { MemoryObjectStore } from "../../functions/adapters/memory/memory-object-store.ts";
import { MemoryPackageStore } from "../../functions/adapters/memory/memory-package-store.ts";
import { MemoryShardStateStore } from "../../functions/adapters/memory/memory-shard-state-store.ts";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import { secondsOf } from "../../functions/contract/duration.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { scoredOutput } from "../../functions/contract/package-problems.ts";
import { InvariantError } from "../../functions/core/errors.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import { createModelLoader } from "../../functions/core/inference/model-loader.ts";
import type { InferenceEngine } from "../../functions/core/inference/model-session.ts";
import { parseDeclaration } from "../../functions/core/inference/package-declarations.ts";
import { createSketches } from "../../functions/core/monitor/create-sketches.ts";
import type { Logger } from "../../functions/core/observe/logger.ts";
import { createRowDecoders } from "../../functions/core/outcome/row-decoders.ts";
import { type StoredLayout, storedLayoutOf } from "../../functions/core/outcome/stored-layout.ts";
import { keepSecondsOf } from "../../functions/core/prediction/keep-seconds.ts";
import { createBreaker } from "../../functions/core/rollout/breaker.ts";
import { createRoleReader } from "../../functions/core/rollout/serving-roles.ts";
import { compileRowSchema, type RowSchema } from "../../functions/core/train/assemble/row-schema.ts";
import type { RolloutDeps } from "../../functions/rollout/deps.ts";
import { createBatchTimer } from "../../functions/stream/batch-timer.ts";
import type { StreamDeps } from "../../functions/stream/deps.ts";
import { createModelStates } from "../../functions/stream/model-state.ts";
import { createShadowQueues } from "../../functions/stream/shadow-queue.ts";
import { createPastPredictions } from "../backfill/past-predictions.ts";
import { createSums, type Sums } from "../backfill/sums.ts";
import { createExampleLog, type ExampleLog } from "./example-log.ts";
import { createExampleObjects, type ExampleObjects } from "./example-objects.ts";
import type { StoryClock } from "./story-clock.ts";

/** A stage in memory: the stores that the functions lean on, and the stream function's dependencies over them. */
export interface StoryStage {
  readonly model: string;
  readonly clock: StoryClock;
  readonly engine: InferenceEngine;
  readonly ledger: MemoryLedger;
  readonly packages: MemoryPackageStore;
  readonly layouts: MemoryLayoutStore;
  readonly learning: MemoryLearningStore;
  /** The data bucket: training data, what is made of it, and a share of the examples. */
  readonly objects: MemoryObjectStore;
  readonly tiles: MemoryShardStateStore;
  readonly sketches: MemoryShardStateStore;
  readonly examples: ExampleLog;
  readonly exampleObjects: ExampleObjects;
  readonly rolloutDeps: RolloutDeps;
  readonly schema: RowSchema;
  readonly metrics: Sums;
  readonly logger: Logger;
  /** What was logged as an error, oldest first. */
  readonly failures: readonly unknown[];
  /** Load a published version. */
  load(digest: ModelDigest): Promise<LoadedModel>;
  /** Of the stream function. @param isTried - whether a version runs beside the champion: then what is asked and said is counted */
  streamDeps(isTried: boolean): StreamDeps;
}

/** Memory that the runtime is sized for, in MiB: one thread, so that sums are added in one order. */
const memoryMiB = 1769;

/** @param first - the version that serves at first; features and outcome are those of all that follow. */
export function createStoryStage(
  { package: pkg, program }: Pick<LoadedModel, "package" | "program">,
  clock: StoryClock,
): StoryStage {
  const model = pkg.name;
  const { now } = clock;
  const nowMs = now;
  const failures: unknown[] = [];
  const logger = failureLog(failures);
  const metrics = createSums();
  const engine = createOrtEngine({ memoryMiB });
  const packages = new MemoryPackageStore();
  const ledger = new MemoryLedger();
  const layouts = new MemoryLayoutStore();
  const tiles = new MemoryShardStateStore();
  const sketches = new MemoryShardStateStore();
  const loader = createModelLoader(model, packages, { engine, nowMs: () => performance.now() });
  const schema = compileRowSchema(pkg, layoutOf(pkg, program));
  const examples = createExampleLog(schema, scoredOutput(pkg)!.name);
  const objects = new MemoryObjectStore();
  const learning = new MemoryLearningStore();
  const exampleObjects = createExampleObjects(objects);
  const store = createPastPredictions({
    keepSeconds: keepSecondsOf(pkg, 0),
    graceSeconds: secondsOf(pkg.event.ahead),
  });
  const serving = {
    ...{ model, role: "champion" as const, store, logger, metrics, keepSeconds: 0, now, nowMs },
    breaker: createBreaker({ nowMs }),
  };
  const deps: StreamDeps = {
    ...serving,
    shadows: createShadowQueues(serving),
    roles: createRoleReader({ model, ledger, loader, metrics, logger, nowMs }),
    predictions: { put: async () => [] },
    rejects: { write: async () => {} },
    timer: createBatchTimer({ metrics, now, nowMs }),
    stateOf: createModelStates({
      ...{ tiles, sketches, logger, metrics, outcomes: store, now },
      examples: {
        async write(batch) {
          await Promise.all([examples.write(batch), exampleObjects.write(batch)]);
        },
      },
      decoders: createRowDecoders({ model, logger, layouts }),
      parentsOf: async () => [],
    }),
  };
  const counting: StreamDeps = {
    ...deps,
    sketches: createSketches({ store: sketches, model, nowMs, now, metrics, logger }),
  };
  return {
    ...{ model, clock, engine, ledger, packages, layouts, tiles, sketches, examples, schema, metrics },
    ...{ logger, failures, exampleObjects, learning, objects },
    rolloutDeps: {
      ...{ stage: "story", model, ledger, packages, layouts, objects, sketches, tiles, logger, now },
      declarations: {
        read: async (name, digest) =>
          parseDeclaration((await packages.read(name, digest)).get("model.json")!),
      },
      load: { engine, nowMs: () => performance.now() },
      records: learning,
      notices: new MemoryNotices(),
    },
    load: (digest) => loader.load(digest),
    streamDeps: (isTried) => (isTried ? counting : deps),
  };
}

/** How rows of the package are stored. @throws {InvariantError} for rows with text, which no example is made of */
export function layoutOf(
  pkg: ModelPackage,
  { encoder }: Pick<LoadedModel["program"], "encoder">,
): StoredLayout {
  const layout = storedLayoutOf(pkg, encoder.layout);
  if (layout === undefined)
    throw new InvariantError(`model "${pkg.name}": got features of text, expected numbers; none are stored`);
  return layout;
}

function failureLog(failures: unknown[]): Logger {
  return {
    info() {},
    warn() {},
    error: (message, { error = message } = {}) => void failures.push(error),
  };
}
