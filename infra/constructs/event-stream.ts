import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";

export interface EventStreamProps {
  readonly durable: boolean;
  readonly settings: StageConfig["events"];
}

/** A Kinesis stream, encrypted with the account's own Kinesis key, on demand or with a fixed number of shards. */
export class EventStream extends kinesis.Stream {
  constructor(scope: Construct, id: string, { durable, settings }: EventStreamProps) {
    const { capacity, retentionHours } = settings;
    super(scope, id, {
      ...(capacity === "onDemand"
        ? { streamMode: kinesis.StreamMode.ON_DEMAND }
        : { streamMode: kinesis.StreamMode.PROVISIONED, shardCount: capacity.shards }),
      encryption: kinesis.StreamEncryption.MANAGED,
      retentionPeriod: Duration.hours(retentionHours),
      removalPolicy: durable ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
