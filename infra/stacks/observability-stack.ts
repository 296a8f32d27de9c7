import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { Construct } from "constructs";
import { AlarmTopic } from "../constructs/alarm-topic.ts";
import { ServiceDashboard } from "../constructs/service-dashboard.ts";
import type { ServingStack } from "./serving-stack.ts";
import type { StateStack } from "./state-stack.ts";

export interface ObservabilityStackProps extends StackProps {
  readonly state: StateStack;
  readonly serving: ServingStack;
}

/** What people look at: a dashboard, and the alarms of every model on one topic. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { state, serving, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    const { topic } = new AlarmTopic(this, "Alarms");
    for (const stream of serving.streams) stream.addAlarms(new Construct(this, stream.node.id), topic);
    new ServiceDashboard(this, "Dashboard", { state, streams: serving.streams });
    new CfnOutput(this, "AlarmTopicArn", {
      value: topic.topicArn,
      description: "subscribe to hear of alarms",
    });
  }
}
