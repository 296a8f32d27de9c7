import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type * as kinesis from "aws-cdk-lib/aws-kinesis";
import type { Construct } from "constructs";
import { pricesPerMillion } from "../config/prices.ts";
import type { AppConfig } from "../config/read-config.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { crossStackReferences } from "../config/target.ts";
import { CostBudget } from "../constructs/cost-budget.ts";
import { type CostTerm, costPerThousand } from "../constructs/cost-per-thousand.ts";
import { ModelDashboard } from "../constructs/model-dashboard.ts";
import type { StateResources } from "../constructs/state-resources.ts";
import type { ServingStack } from "./serving-stack.ts";

export interface ObservabilityStackProps extends StackProps {
  readonly app: AppConfig;
  readonly state: StateResources;
  readonly serving: ServingStack;
}

/** What people look at. An alarm stands with what it watches, in the serving stack, so that neither outlives the other. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, { app, state, serving, ...props }: ObservabilityStackProps) {
    super(scope, id, props);
    const { target, config } = app;
    // A dashboard must not keep a model from being removed, as imports of its function's name would.
    this.node.setContext("@aws-cdk/core:defaultCrossStackReferences", crossStackReferences(target));
    const allPredictions = serving.streams.map((stream) => stream.metric("Predictions"));
    const shared = [...sharedCost(state, config), ...(serving.archive?.costTerms() ?? [])];
    for (const stream of serving.streams) {
      const endpoint = serving.endpoints.find(({ model }) => model === stream.model);
      const own = [...stream.costTerms(), ...(endpoint?.costTerms() ?? [])];
      const predictions = stream.metric("Predictions");
      const cost = costPerThousand({ own, shared, predictions, allPredictions });
      new ModelDashboard(this, `Dashboard-${stream.model}`, {
        state,
        stream,
        endpoint,
        archive: serving.archive,
        cost,
      });
    }
    // No local cloud bills anybody.
    if (config.budget !== undefined && target === "aws")
      new CostBudget(this, "Budget", { settings: config.budget, alarms: state.alarms });
    new CfnOutput(this, "AlarmTopicArn", {
      value: state.alarms.topicArn,
      description: "subscribe to hear of alarms",
    });
  }
}

/** What the models use together of what is paid by use: both streams, and the tables that do not tell it by model. */
function sharedCost(state: StateResources, config: StageConfig): CostTerm[] {
  const { dynamoReadUnits, dynamoWriteUnits } = pricesPerMillion;
  const tables = [state.predictions.table, state.cache.table, state.registry.ledger];
  return [
    streamCost(state.events, config.events.capacity),
    streamCost(state.predictions.stream, config.predictions.capacity),
    ...tables.flatMap((table) => [
      { units: table.metricConsumedWriteCapacityUnits(), perMillion: dynamoWriteUnits },
      { units: table.metricConsumedReadCapacityUnits(), perMillion: dynamoReadUnits },
    ]),
  ];
}

function streamCost(stream: kinesis.IStream, capacity: StageConfig["events"]["capacity"]): CostTerm {
  return capacity === "onDemand"
    ? { units: stream.metricIncomingBytes(), perMillion: pricesPerMillion.kinesisBytes }
    : { units: stream.metricIncomingRecords(), perMillion: pricesPerMillion.kinesisPutUnits };
}
