import type { Context } from "aws-lambda";
import { assembleData } from "./assemble-data.ts";
import type { AssembleDeps } from "./deps.ts";
import { createAssembleDeps } from "./wiring.ts";

/** The assemble function: makes training data of a model's examples; called by the learning workflow. */
export function makeHandler(deps: AssembleDeps) {
  return (event: unknown, context: Pick<Context, "awsRequestId">) => {
    deps.logger.requestId = context.awsRequestId;
    return assembleData(event, deps);
  };
}

export const handler = makeHandler(createAssembleDeps());
