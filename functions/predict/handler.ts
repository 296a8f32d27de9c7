import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import { answerRest } from "../adapters/http/rest-handler.ts";
import type { PredictDeps } from "./deps.ts";
import { createRoutes } from "./routes.ts";
import { createPredictDeps } from "./wiring.ts";

/** The predict function of one model: answers its calls over HTTPS. */
export function makeHandler(deps: PredictDeps) {
  const routes = createRoutes(deps);
  return (event: APIGatewayProxyEvent, context?: Context): Promise<APIGatewayProxyResult> => {
    deps.logger.requestId = context?.awsRequestId;
    return answerRest(routes, event, deps.corsOrigins);
  };
}

export const handler = makeHandler(createPredictDeps());
