import { RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as sns from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

export interface AlarmTopicProps {
  /**
   * Whether AWS Budgets may publish too.
   *
   * @default false
   */
  readonly hearsBudgets?: boolean;
}

/**
 * An encrypted topic that CloudWatch alarms can reach.
 *
 * Two traps, either of which silences every alarm: the AWS-managed SNS key does not let CloudWatch encrypt, so the key
 * is the customer's and says so; and a topic policy (here: TLS only) replaces the default one, so CloudWatch's
 * right to publish is spelled out.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export class AlarmTopic extends Construct {
  readonly topic: sns.ITopic;

  constructor(scope: Construct, id: string, { hearsBudgets = false }: AlarmTopicProps = {}) {
    super(scope, id);
    const senders = ["cloudwatch", ...(hearsBudgets ? ["budgets"] : [])].map(
      (service) => new iam.ServicePrincipal(`${service}.amazonaws.com`),
    );
    // Nothing is stored under it but messages in flight, so it goes with its stack.
    const key = new kms.Key(this, "Key", {
      description: "encrypts Headrace's alarm messages",
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "AlarmsEncrypt",
        principals: senders,
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
      }),
    );
    this.topic = new sns.Topic(this, "Topic", {
      displayName: "Headrace alarms",
      masterKey: key,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: "AlarmsPublish",
        principals: senders,
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
  }
}
