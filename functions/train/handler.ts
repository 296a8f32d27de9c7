import type { Context } from "aws-lambda";
import type { TrainDeps } from "./deps.ts";
import { trainModel } from "./train-model.ts";
import { createTrainDeps } from "./wiring.ts";

/** The train function: makes a model of the training data that a manifest names; called by the learning workflow. */
export function makeHandler(deps: TrainDeps) {
  return (event: unknown, context: Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">) => {
    deps.logger.requestId = context.awsRequestId;
    return trainModel(event, { deps, remainingMs: () => context.getRemainingTimeInMillis() });
  };
}

export const handler = makeHandler(createTrainDeps());
