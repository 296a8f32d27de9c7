import { AttributeType } from "aws-cdk-lib/aws-dynamodb";
import type * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { StateTable } from "./state-table.ts";

/**
 * Results that the functions of a stage share, by exact feature bytes.
 *
 * Items: partition key `key` = `model#hash`, TTL in `expiresAt`. It can only save work, so no stage keeps it: what is
 * lost is computed again.
 */
export class SharedCache extends Construct {
  readonly table: StateTable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new StateTable(this, "Cache", {
      durable: false,
      lossReason: "It is a cache: what is lost is computed again, and a restored one would have expired.",
      partitionKey: { name: "key", type: AttributeType.STRING },
      timeToLiveAttribute: "expiresAt",
    });
  }

  /** Let a function read and write one model's results, and no other's. */
  grantUse(grantee: iam.IGrantable, model: string): void {
    this.table.grantItems(grantee, ["BatchGetItem", "BatchWriteItem"], [`${model}#*`]);
  }
}
