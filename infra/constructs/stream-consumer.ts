import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import {
  KinesisConsumerEventSource,
  KinesisEventSource,
  type KinesisEventSourceProps,
} from "aws-cdk-lib/aws-lambda-event-sources";
import type * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import type { EventSourceSettings } from "../config/event-source-settings.ts";
import { addAlarm } from "./add-alarm.ts";
import { ParkedDestination } from "./parked-destination.ts";
import type { PrivateBucket } from "./private-bucket.ts";

export interface StreamConsumerProps {
  readonly stream: kinesis.IStream;
  readonly function: lambda.Function;
  /** Takes what Lambda gives up on. */
  readonly parked: PrivateBucket;
  readonly settings: EventSourceSettings;
  /**
   * Name of a consumer of its own (enhanced fan-out), unique among the stream's.
   *
   * @default - it shares the stream's throughput with its other standard readers
   */
  readonly fanOutName?: string;
  /** Hears when the function falls behind, and when anything was parked or dropped. */
  readonly alarms: sns.ITopic;
  /** How far behind is too far. */
  readonly iteratorAgeSeconds: number;
}

/** A function reading a stream: the event source, the right to read, the failure destination and the alarms. */
export class StreamConsumer extends Construct {
  readonly #function: lambda.Function;
  readonly #eventSource: KinesisEventSource | KinesisConsumerEventSource;

  constructor(scope: Construct, id: string, props: StreamConsumerProps) {
    super(scope, id);
    const { settings } = props;
    this.#function = props.function;
    this.#eventSource = this.#makeEventSource(props, {
      batchSize: settings.batchSize,
      maxBatchingWindow: Duration.seconds(settings.windowSeconds),
      parallelizationFactor: settings.parallelizationFactor,
      bisectBatchOnError: settings.bisectOnError,
      reportBatchItemFailures: true,
      maxRecordAge: Duration.seconds(settings.maxRecordAgeSeconds),
      retryAttempts: settings.retryAttempts,
      startingPosition: lambda.StartingPosition[settings.startingPosition],
      startingPositionTimestamp: settings.startingTimestampSeconds,
      onFailure: new ParkedDestination(props.parked),
      // Counts of what was parked or dropped; Lambda emits them only when asked.
      metricsConfig: { metrics: [lambda.MetricType.EVENT_COUNT] },
    });
    props.function.addEventSource(this.#eventSource);
    this.#addAlarms(props);
  }

  /** Age of the newest record handed to the function, in ms. @default maximum over 1 minute */
  metricIteratorAgeMs(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#function.metric("IteratorAge", {
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.minutes(1),
      ...options,
    });
  }

  /** Records whose payload was parked. @default sum over 1 minute */
  metricParked(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#metricEventSource("OnFailureDestinationDeliveredEventCount", options);
  }

  /** Records lost: too old or out of attempts, and not parked either. @default sum over 1 minute */
  metricDropped(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.#metricEventSource("DroppedEventCount", options);
  }

  #makeEventSource(
    { stream, fanOutName }: StreamConsumerProps,
    settings: KinesisEventSourceProps,
  ): KinesisEventSource | KinesisConsumerEventSource {
    if (fanOutName === undefined) return new KinesisEventSource(stream, settings);
    const consumer = new kinesis.StreamConsumer(this, "FanOut", { stream, streamConsumerName: fanOutName });
    return new KinesisConsumerEventSource(consumer, settings);
  }

  #addAlarms({ alarms, iteratorAgeSeconds }: StreamConsumerProps): void {
    addAlarm(this, "IteratorAge", {
      metric: this.metricIteratorAgeMs(),
      threshold: iteratorAgeSeconds * 1000,
      evaluationPeriods: 5,
      description: "the function falls behind its stream: records are parked at the greatest record age",
      entry: "iteratorage",
      topic: alarms,
    });
    addAlarm(this, "Parked", {
      metric: this.metricParked(),
      threshold: 1,
      evaluationPeriods: 1,
      description: "records were given up and parked in S3: mend the cause, then redrive them",
      entry: "parked",
      topic: alarms,
    });
    addAlarm(this, "Dropped", {
      metric: this.metricDropped(),
      threshold: 1,
      evaluationPeriods: 1,
      description: "records were given up: what is not in the parked bucket must be replayed from its source",
      entry: "dropped",
      topic: alarms,
    });
  }

  #metricEventSource(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: "AWS/Lambda",
      metricName,
      dimensionsMap: { EventSourceMappingUUID: this.#eventSource.eventSourceMappingId },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(1),
      ...options,
    });
  }
}
