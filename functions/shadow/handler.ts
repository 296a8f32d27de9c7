import type { Context } from "aws-lambda";
import type { ShadowDeps } from "./deps.ts";
import { createShadowScorer } from "./score-served-rows.ts";
import { createShadowDeps } from "./wiring.ts";

/** The shadow function of one model: scores rows that its predict function served, invoked asynchronously with them. */
export function makeHandler(deps: ShadowDeps) {
  const score = createShadowScorer(deps);
  return async (event: unknown, context?: Context): Promise<void> => {
    deps.logger.requestId = context?.awsRequestId;
    await score(event);
    deps.memory?.tell();
    deps.metrics.flush();
  };
}

export const handler = makeHandler(createShadowDeps());
