import type { Context } from "aws-lambda";
import type { RolloutDeps } from "./deps.ts";
import { rollOut } from "./roll-out.ts";
import { createRolloutDeps } from "./wiring.ts";

/** The rollout function: registers a retrained version, tries it live, and makes it champion or takes it off. */
export function makeHandler(deps: RolloutDeps) {
  return (event: unknown, context?: Pick<Context, "awsRequestId">) => {
    deps.logger.requestId = context?.awsRequestId;
    return rollOut(event, deps);
  };
}

export const handler = makeHandler(createRolloutDeps());
