import type { CloudWatchAlarmEvent, Context } from "aws-lambda";
import type { GuardDeps } from "./deps.ts";
import { guard } from "./guard.ts";
import { createGuardDeps } from "./wiring.ts";

/** The guard function: acts on alarms of CloudWatch. */
export function makeHandler(deps: GuardDeps) {
  return (event: CloudWatchAlarmEvent, context?: Context): Promise<void> => {
    deps.logger.requestId = context?.awsRequestId;
    return guard(event, deps);
  };
}

export const handler = makeHandler(createGuardDeps());
