import type { PredictionRole } from "../contract/prediction.ts";
import { HeadraceError } from "../core/errors.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { ModelLoader } from "../core/inference/model-loader.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { PredictionStore, PredictionStream } from "../core/prediction/prediction-store.ts";
import type { RejectStore } from "../core/reject/reject-store.ts";
import type { ChampionReader } from "../core/rollout/champion.ts";
import type { BatchTimer } from "./batch-timer.ts";
import type { ModelState } from "./model-state.ts";

/** Everything the stream function leans on. */
export interface StreamDeps {
  readonly model: string;
  /** What predictions are made as. */
  readonly role: PredictionRole;
  readonly champion: ChampionReader;
  readonly loader: ModelLoader;
  readonly store: PredictionStore;
  readonly predictions: PredictionStream;
  readonly rejects: RejectStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly timer: BatchTimer;
  /** What a version keeps from batch to batch; undefined for one that keeps nothing. */
  readonly stateOf: (model: LoadedModel) => ModelState | undefined;
  /** How long a stored prediction is kept after its event or its writing, whichever is later. */
  readonly keepSeconds: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Count and log what stopped a batch; the batch is delivered again. */
export function reportFailure(error: unknown, { metrics, logger }: StreamDeps): void {
  const family = error instanceof HeadraceError ? error.name : "unexpected";
  metrics.add(family === "DependencyError" ? "DependencyErrors" : "ModelErrors", 1, "Count");
  logger.error("batch not done; it is delivered again", { error });
}
