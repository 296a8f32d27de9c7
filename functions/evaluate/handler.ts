import type { Context } from "aws-lambda";
import type { EvaluateDeps } from "./deps.ts";
import { evaluateModel } from "./evaluate-model.ts";
import { createEvaluateDeps } from "./wiring.ts";

/** The evaluate function: holds a new model against the champion; called by the learning workflow. */
export function makeHandler(deps: EvaluateDeps) {
  return (event: unknown, context: Pick<Context, "awsRequestId">) => {
    deps.logger.requestId = context.awsRequestId;
    return evaluateModel(event, deps);
  };
}

export const handler = makeHandler(createEvaluateDeps());
