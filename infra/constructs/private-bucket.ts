import { Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

export interface PrivateBucketProps extends Omit<s3.BucketProps, "removalPolicy"> {
  /** Kept when its stack is deleted; otherwise deleted with it, provided it is empty. */
  readonly durable: boolean;
}

type ObjectAction = "s3:GetObject" | "s3:PutObject";

/** A bucket that nobody outside the account reads: public access blocked, encrypted at rest, TLS only, no ACLs. */
export class PrivateBucket extends s3.Bucket {
  constructor(scope: Construct, id: string, { durable, lifecycleRules = [], ...props }: PrivateBucketProps) {
    super(scope, id, {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: durable ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      lifecycleRules: [
        { id: "AbandonedUploads", abortIncompleteMultipartUploadAfter: Duration.days(7) },
        ...lifecycleRules,
      ],
      ...props,
    });
  }

  /** Allow one action on the objects under a prefix, and on no others. */
  grantUnder(grantee: iam.IGrantable, prefix: string, action: ObjectAction): iam.Grant {
    return this.grantObjects(grantee, `${prefix}*`, action);
  }

  /** Allow one action on the objects of a key, in which `*` stands for anything, and on no others. */
  grantObjects(grantee: iam.IGrantable, key: string, action: ObjectAction): iam.Grant {
    const principal = grantee.grantPrincipal;
    if (key.includes("*") && Construct.isConstruct(principal)) {
      Validations.of(principal).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${this.#arnAsSeenFrom(Stack.of(principal))}/${key}]`,
        reason: "Objects are named at run time; one action is allowed, on keys of this one form.",
      });
    }
    return iam.Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [this.arnForObjects(key)] });
  }

  /**
   * Allow listing keys by prefixes, in which `*` stands for anything, and by no others. With it, reading a key that is
   * not there is a 404, not a 403.
   */
  grantList(grantee: iam.IGrantable, prefixes: readonly string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["s3:ListBucket"],
      resourceArns: [this.bucketArn],
      conditions: { StringLike: { "s3:prefix": prefixes } },
    });
  }

  /** The bucket's ARN as cdk-nag writes it in a finding: a reference, or the name of an export. */
  #arnAsSeenFrom(stack: Stack): string {
    const own = Stack.of(this);
    if (stack === own) return `<${own.getLogicalId(this.node.defaultChild as s3.CfnBucket)}.Arn>`;
    const imported = own.resolve(own.exportValue(this.bucketArn)) as { "Fn::ImportValue": string };
    return imported["Fn::ImportValue"];
  }
}
