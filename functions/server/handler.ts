import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import { answerRest } from "../adapters/http/rest-handler.ts";
import { createRoutes, type ServerDeps } from "./routes.ts";
import { createServerDeps } from "./wiring.ts";

/** The server function: answers for the deployment as a whole. */
export function makeHandler(deps: ServerDeps) {
  const routes = createRoutes(deps);
  return (event: APIGatewayProxyEvent, _context?: Context): Promise<APIGatewayProxyResult> =>
    answerRest(routes, event, deps.corsOrigins);
}

export const handler = makeHandler(createServerDeps());
