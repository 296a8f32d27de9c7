import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { ModelLoader } from "../core/inference/model-loader.ts";
import type { OpenSketches } from "../core/monitor/sketch-recorder.ts";
import type { Logger } from "../core/observe/logger.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { EventStream } from "../core/outcome/event-stream.ts";
import type { PredictionStore } from "../core/prediction/prediction-store.ts";
import type { Breaker } from "../core/rollout/breaker.ts";
import type { ModelVersions } from "../core/rollout/model-versions.ts";
import type { RoleReader } from "../core/rollout/serving-roles.ts";
import type { ShadowQueue } from "../core/rollout/shadow-queue.ts";
import type { ViewReads } from "../core/views/view-batch.ts";

/** Everything the predict function leans on. */
export interface PredictDeps {
  readonly model: string;
  /** Who serves the calls that name no version. */
  readonly roles: RoleReader;
  /** Stops a challenger in this environment. */
  readonly breaker: Breaker;
  readonly versions: ModelVersions;
  readonly loader: ModelLoader;
  readonly store: PredictionStore;
  /** What a version may read of its views, as of now; undefined for one that has none. */
  readonly viewsOf: (model: LoadedModel) => Promise<ViewReads | undefined>;
  /** Takes posted outcomes. */
  readonly events: EventStream;
  /** Takes rows for the shadow. @default none is shadowed */
  readonly shadows?: ShadowQueue;
  /** Counts features and scores by version. @default they are not counted */
  readonly sketches?: OpenSketches;
  /** Told after each request. @default nobody is */
  readonly memory?: { tell(): void };
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** How long a stored prediction is kept after its event or its writing, whichever is later. */
  readonly keepSeconds: number;
  /** Origins whose web pages may read answers. */
  readonly corsOrigins: readonly string[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A clock in milliseconds, with fractions. */
  readonly nowMs: () => number;
}
