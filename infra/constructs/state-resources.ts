import type * as kinesis from "aws-cdk-lib/aws-kinesis";
import type * as sns from "aws-cdk-lib/aws-sns";
import type { FeatureState } from "./feature-state.ts";
import type { ModelRegistry } from "./model-registry.ts";
import type { PredictionLog } from "./prediction-log.ts";
import type { PrivateBucket } from "./private-bucket.ts";
import type { SharedCache } from "./shared-cache.ts";

/** What outlives a deployment, as those that use it see it. */
export interface StateResources {
  readonly events: kinesis.IStream;
  readonly predictions: PredictionLog;
  readonly registry: ModelRegistry;
  readonly cache: SharedCache;
  readonly features: FeatureState;
  /** `archive/…`, `examples/…`, `early/…`, `learning/…`, `rejects/…` and the receipts of redriving. */
  readonly data: PrivateBucket;
  /** What the event sources gave up on: whole invocation payloads. */
  readonly parked: PrivateBucket;
  /** Where alarms go. It is state because people confirm their subscriptions by hand. */
  readonly alarms: sns.ITopic;
}
