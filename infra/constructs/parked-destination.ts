import * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { PrivateBucket } from "./private-bucket.ts";

/**
 * On-failure destination that parks the whole payload in S3, under `aws/lambda/<mapping>/<shard>/…`, which Lambda chooses.
 *
 * CDK's own `S3OnFailureDestination` lets the function read, overwrite and delete the whole bucket; Lambda needs to put
 * and to list.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export class ParkedDestination implements lambda.IEventSourceDlq {
  readonly #bucket: PrivateBucket;

  constructor(bucket: PrivateBucket) {
    this.#bucket = bucket;
  }

  bind(_mapping: lambda.IEventSourceMapping, grantee: lambda.IFunction): lambda.DlqDestinationConfig {
    this.#bucket.grantUnder(grantee, "aws/lambda/", "s3:PutObject");
    iam.Grant.addToPrincipal({
      grantee,
      actions: ["s3:ListBucket"],
      resourceArns: [this.#bucket.bucketArn],
    });
    return { destination: this.#bucket.bucketArn };
  }
}
