import { AttributeType } from "aws-cdk-lib/aws-dynamodb";
import type * as iam from "aws-cdk-lib/aws-iam";
import type * as kinesis from "aws-cdk-lib/aws-kinesis";
import { Construct } from "constructs";
import { StateTable } from "./state-table.ts";

export interface PredictionLogProps {
  readonly durable: boolean;
  /** Takes every prediction, for consumers. */
  readonly stream: kinesis.IStream;
}

/**
 * Where predictions go: the stream that consumers read, and the table that outcomes are joined from.
 *
 * Items: partition key `pk` = `model#eventId`, sort key `sk` = `role#predictionId`, TTL in `expiresAt`.
 */
export class PredictionLog extends Construct {
  readonly stream: kinesis.IStream;
  readonly table: StateTable;

  constructor(scope: Construct, id: string, { durable, stream }: PredictionLogProps) {
    super(scope, id);
    this.stream = stream;
    this.table = new StateTable(this, "Predictions", {
      durable,
      partitionKey: { name: "pk", type: AttributeType.STRING },
      sortKey: { name: "sk", type: AttributeType.STRING },
      timeToLiveAttribute: "expiresAt",
    });
  }

  /** Let a function store and emit one model's predictions, and find them again to write what became of them. */
  grantWrite(grantee: iam.IGrantable, model: string): void {
    this.table.grantItems(grantee, ["GetItem", "PutItem", "Query", "UpdateItem"], [`${model}#*`]);
    this.stream.grant(grantee, "kinesis:PutRecords");
  }

  /** Let a function store one model's predictions without emitting them. */
  grantStore(grantee: iam.IGrantable, model: string): void {
    this.table.grantItems(grantee, ["GetItem", "PutItem"], [`${model}#*`]);
  }
}
