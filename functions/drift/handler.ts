import type { Context } from "aws-lambda";
import type { DriftDeps } from "./deps.ts";
import { watchDrift } from "./watch-drift.ts";
import { createWatchedVersions } from "./watched-versions.ts";
import { createDriftDeps } from "./wiring.ts";

/** The drift function: compares the newest windows of every model with what it was trained on; called by a schedule. */
export function makeHandler(deps: DriftDeps) {
  const versions = createWatchedVersions(deps);
  return (_event: unknown, context: Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">) => {
    deps.logger.requestId = context.awsRequestId;
    return watchDrift(deps, { versions, remainingMs: () => context.getRemainingTimeInMillis() });
  };
}

export const handler = makeHandler(createDriftDeps());
