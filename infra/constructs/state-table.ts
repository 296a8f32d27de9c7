import { RemovalPolicy, Validations } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

export interface StateTableProps extends Pick<dynamodb.TableProps, "timeToLiveAttribute"> {
  readonly partitionKey: dynamodb.Attribute;
  readonly sortKey?: dynamodb.Attribute;
  /** Kept, refusing deletion and restorable to any second of 35 days; otherwise deleted with its stack. */
  readonly durable: boolean;
  /**
   * Why losing a table that is not durable is no loss.
   *
   * @default - because its stage is not durable
   */
  readonly lossReason?: string;
}

/** A table billed per request and encrypted with the account's own DynamoDB key. */
export class StateTable extends dynamodb.Table {
  constructor(scope: Construct, id: string, { durable, lossReason, ...props }: StateTableProps) {
    super(scope, id, {
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: durable },
      deletionProtection: durable,
      removalPolicy: durable ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...props,
    });
    if (durable) return;
    Validations.of(this).acknowledge({
      id: "AwsSolutions-DDB3",
      reason:
        lossReason ?? "This stage is not durable: what it holds is rebuilt by publishing and replaying.",
    });
  }

  /**
   * Allow operations on the items whose partition key is one of `keys`; a key may end in `*`.
   *
   * @param operations - DynamoDB's names, without the service's prefix; none that reads without a key.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
   */
  grantItems(
    grantee: iam.IGrantable,
    operations: readonly (
      | "GetItem"
      | "PutItem"
      | "UpdateItem"
      | "Query"
      | "BatchGetItem"
      | "BatchWriteItem"
    )[],
    keys: readonly string[],
  ): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: operations.map((operation) => `dynamodb:${operation}`),
      resourceArns: [this.tableArn],
      conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } },
    });
  }
}
