import type { ModelLoader } from "../core/inference/model-loader.ts";
import type { OpenSketches } from "../core/monitor/sketch-recorder.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { PredictionStore } from "../core/prediction/prediction-store.ts";

/** Everything the shadow function leans on. */
export interface ShadowDeps {
  readonly model: string;
  readonly loader: ModelLoader;
  readonly store: PredictionStore;
  /** Counts features and scores by version. @default they are not counted */
  readonly sketches?: OpenSketches;
  /** Told after each invocation. @default nobody is */
  readonly memory?: { tell(): void };
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** How long a stored prediction is kept after its event or its writing, whichever is later. */
  readonly keepSeconds: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}
