import type { Context } from "aws-lambda";
import { readRequest } from "./read-request.ts";
import { type RetrainAnswer, type RetrainDeps, retrain } from "./retrain.ts";
import { createRetrainDeps } from "./wiring.ts";

/**
 * The retrain function: the one door to a model's retraining, for schedules, alarms and people.
 *
 * What is not understood starts nothing and is answered so: a second delivery would not be understood either.
 */
export function makeHandler({ stage, ...deps }: RetrainDeps & { readonly stage: string }) {
  return async (event: unknown, context?: Pick<Context, "awsRequestId">): Promise<RetrainAnswer> => {
    deps.logger.requestId = context?.awsRequestId;
    const request = readRequest(event, { stage, model: deps.model });
    if (!("problem" in request)) return await retrain(request, deps);
    deps.logger.error("not a request for a retraining; none was started", { problem: request.problem });
    return { started: false, why: request.problem };
  };
}

export const handler = makeHandler(createRetrainDeps());
