import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { crossStackReferences, type Target } from "../config/target.ts";
import { ServiceDashboard } from "../constructs/service-dashboard.ts";
import type { StateResources } from "../constructs/state-resources.ts";
import type { ServingStack } from "./serving-stack.ts";

export interface ObservabilityStackProps extends StackProps {
  readonly target: Target;
  readonly state: StateResources;
  readonly serving: ServingStack;
}

/** What people look at. An alarm stands with what it watches, in the serving stack, so that neither outlives the other. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { target, state, serving, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    // A dashboard must not keep a model from being removed, as imports of its function's name would.
    this.node.setContext("@aws-cdk/core:defaultCrossStackReferences", crossStackReferences(target));
    new ServiceDashboard(this, "Dashboard", { state, streams: serving.streams });
    new CfnOutput(this, "AlarmTopicArn", {
      value: state.alarms.topicArn,
      description: "subscribe to hear of alarms",
    });
  }
}
