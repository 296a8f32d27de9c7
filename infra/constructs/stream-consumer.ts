import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import type * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { KinesisEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import type { EventSourceSettings } from "../config/event-source-settings.ts";
import { type AlarmAction, addAlarm } from "./add-alarm.ts";
import { ParkedDestination } from "./parked-destination.ts";
import type { PrivateBucket } from "./private-bucket.ts";

export interface StreamConsumerProps {
  readonly stream: kinesis.IStream;
  readonly function: lambda.Function;
  /** Takes what Lambda gives up on. */
  readonly parked: PrivateBucket;
  readonly settings: EventSourceSettings;
}

/**
 * A function reading a stream: the event source, the right to read, the failure destination and the alarms.
 *
 * The alarms live in the stack that owns the topic; synthesis fails when `addAlarms` was never called.
 */
export class StreamConsumer extends Construct {
  readonly #function: lambda.Function;
  readonly #eventSource: KinesisEventSource;
  #hasAlarms = false;

  constructor(scope: Construct, id: string, props: StreamConsumerProps) {
    super(scope, id);
    const { settings } = props;
    this.#function = props.function;
    this.#eventSource = new KinesisEventSource(props.stream, {
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
    this.node.addValidation({
      validate: () =>
        this.#hasAlarms
          ? []
          : [`${this.node.path}: got no alarms, expected some; call addAlarms with a topic`],
    });
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

  /** Alarm when the function falls behind, and when anything was parked or dropped. */
  addAlarms(
    scope: Construct,
    action: AlarmAction,
    thresholds: { readonly iteratorAgeSeconds: number },
  ): void {
    this.#hasAlarms = true;
    addAlarm(scope, "IteratorAge", {
      metric: this.metricIteratorAgeMs(),
      threshold: thresholds.iteratorAgeSeconds * 1000,
      evaluationPeriods: 5,
      description: "the function falls behind its stream: records will be parked at the greatest record age",
      action,
    });
    addAlarm(scope, "Parked", {
      metric: this.metricParked(),
      threshold: 1,
      evaluationPeriods: 1,
      description: "records were given up and parked in S3: mend the cause, then redrive them",
      action,
    });
    addAlarm(scope, "Dropped", {
      metric: this.metricDropped(),
      threshold: 1,
      evaluationPeriods: 1,
      description: "records were given up: look in the parked bucket, and if nothing is there, replay them",
      action,
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
