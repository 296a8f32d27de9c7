import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type * as kinesis from "aws-cdk-lib/aws-kinesis";
import type * as sns from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { StateOutputs } from "../../functions/contract/stack-outputs.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { EventStream } from "../constructs/event-stream.ts";
import { FeatureState } from "../constructs/feature-state.ts";
import { ModelRegistry } from "../constructs/model-registry.ts";
import { PredictionLog } from "../constructs/prediction-log.ts";
import { PrivateBucket } from "../constructs/private-bucket.ts";
import { SharedCache } from "../constructs/shared-cache.ts";
import type { StateResources } from "../constructs/state-resources.ts";

export interface StateStackProps extends StackProps {
  readonly config: StageConfig;
}

/** Everything that must outlive a deployment: streams, tables, buckets, and who hears of alarms. */
export class StateStack extends Stack implements StateResources {
  readonly events: kinesis.IStream;
  readonly predictions: PredictionLog;
  readonly registry: ModelRegistry;
  readonly cache: SharedCache;
  readonly features: FeatureState;
  readonly data: PrivateBucket;
  readonly parked: PrivateBucket;
  readonly alarms: sns.ITopic;

  constructor(scope: Construct, id: string, { config, ...props }: StateStackProps) {
    super(scope, id, { terminationProtection: config.durable, ...props });
    const { durable } = config;
    this.events = new EventStream(this, "Events", { durable, settings: config.events });
    this.predictions = new PredictionLog(this, "PredictionLog", {
      durable,
      stream: new EventStream(this, "Predictions", { durable, settings: config.predictions }),
    });
    const accessLogs = new PrivateBucket(this, "AccessLogs", {
      durable,
      lifecycleRules: [{ id: "Old", expiration: Duration.days(365) }],
    });
    this.registry = new ModelRegistry(this, "Registry", { durable, accessLogs });
    this.cache = new SharedCache(this, "SharedCache");
    this.features = new FeatureState(this, "FeatureState", { durable });
    this.data = new PrivateBucket(this, "Data", {
      durable,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "data/",
      // All in standard storage: small objects are never moved to a cheaper class, and reading one there costs anew.
      lifecycleRules: [
        { id: "Archive", prefix: "archive/", expiration: Duration.days(config.archive.retentionDays) },
        { id: "Examples", prefix: "examples/", expiration: Duration.days(config.exampleDays) },
        { id: "Early", prefix: "early/", expiration: Duration.days(config.exampleDays) },
        // Training data and what came of it; a version that was published is in the models' bucket.
        { id: "Learning", prefix: "learning/", expiration: Duration.days(config.learningDays) },
        { id: "Rejects", prefix: "rejects/", expiration: Duration.days(config.rejectedDays) },
        {
          // An original that outlived the receipt of its redrive would be put back once more.
          id: "Receipts",
          prefix: "redriven/",
          expiration: Duration.days(Math.max(config.rejectedDays, config.parkedDays)),
        },
      ],
    });
    this.parked = new PrivateBucket(this, "Parked", {
      durable,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: "parked/",
      lifecycleRules: [{ id: "Parked", prefix: "aws/lambda/", expiration: Duration.days(config.parkedDays) }],
    });
    this.alarms = new AlarmTopic(this, "Alarms", {
      hearsBudgets: config.budget?.emails.length === 0,
    }).topic;
    this.#publish({
      EventsStreamName: this.events.streamName,
      PredictionsStreamName: this.predictions.stream.streamName,
      LedgerTableName: this.registry.ledger.tableName,
      PredictionsTableName: this.predictions.table.tableName,
      CacheTableName: this.cache.table.tableName,
      TilesTableName: this.features.tiles.tableName,
      SketchesTableName: this.features.sketches.tableName,
      ModelsBucketName: this.registry.bucket.bucketName,
      DataBucketName: this.data.bucketName,
      ParkedBucketName: this.parked.bucketName,
    });
  }

  #publish(outputs: StateOutputs): void {
    for (const [key, value] of Object.entries(outputs)) new CfnOutput(this, key, { value });
  }
}
