import type { PredictionRole } from "../contract/prediction.ts";
import { HeadraceError } from "../core/errors.ts";
import type { OpenSketches } from "../core/monitor/sketch-recorder.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { PredictionStore, PredictionStream } from "../core/prediction/prediction-store.ts";
import type { RejectStore } from "../core/reject/reject-store.ts";
import type { Breaker } from "../core/rollout/breaker.ts";
import type { RoleReader } from "../core/rollout/serving-roles.ts";
import type { BatchTimer } from "./batch-timer.ts";
import type { StateOf } from "./model-state.ts";
import type { ShadowQueues } from "./shadow-queue.ts";

/** Everything the stream function leans on. */
export interface StreamDeps {
  readonly model: string;
  /** What predictions are made as. */
  readonly role: PredictionRole;
  readonly roles: RoleReader;
  /** Stops a challenger or shadow in this environment. */
  readonly breaker: Breaker;
  /** What waits for the shadow, by version. */
  readonly shadows: ShadowQueues;
  /** Counts what is asked and said. @default nothing is counted */
  readonly sketches?: OpenSketches | undefined;
  readonly store: PredictionStore;
  readonly predictions: PredictionStream;
  readonly rejects: RejectStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly timer: BatchTimer;
  /** What a version keeps from batch to batch. */
  readonly stateOf: StateOf;
  /** How long a stored prediction is kept after its event or its writing, whichever is later. */
  readonly keepSeconds: number;
  /** Told after each batch. @default nobody is */
  readonly memory?: { tell(): void } | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}

/** Count and log what stopped a batch; the batch is delivered again. */
export function reportFailure(error: unknown, { metrics, logger }: StreamDeps): void {
  const family = error instanceof HeadraceError ? error.name : "unexpected";
  metrics.add(family === "DependencyError" ? "DependencyErrors" : "ModelErrors", 1, "Count");
  logger.error("batch not done; it is delivered again", { error });
}
