import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type { Hono } from "hono/tiny";
import { httpLimits } from "../../contract/http.ts";
import { InvariantError } from "../../core/errors.ts";
import { headerOf, type RestBindings } from "./rest-request.ts";

/** Hono's view of an app behind API Gateway. */
export interface RestEnv {
  Bindings: RestBindings;
}

/**
 * Answer a call of an API Gateway REST API's proxy integration with a Hono app.
 *
 * Hono's own adapter copies the body into a request before any limit is looked at, answers a `GET` with a body in
 * plain text, and leaves with version 5. Here routes read the body themselves, from `env.event`.
 *
 * @param corsOrigins - origins whose web pages may read the answer; the gateway answers their preflight requests.
 */
export async function answerRest(
  app: Hono<RestEnv>,
  event: APIGatewayProxyEvent,
  corsOrigins: readonly string[] = [],
): Promise<APIGatewayProxyResult> {
  const response = await app.fetch(requestOf(event), { event, requestId: event.requestContext.requestId });
  return {
    statusCode: response.status,
    headers: { ...Object.fromEntries(response.headers), ...corsHeaders(event, corsOrigins) },
    body: await response.text(),
  };
}

function corsHeaders(event: APIGatewayProxyEvent, origins: readonly string[]): Record<string, string> {
  if (origins.length === 0) return {};
  const origin = headerOf(event, "origin");
  const isAllowed = origin !== undefined && origins.includes(origin);
  return { vary: "origin", ...(isAllowed && { "access-control-allow-origin": origin }) };
}

function requestOf(event: APIGatewayProxyEvent): Request {
  try {
    return new Request(`https://api${encodePath(event.path)}`, { method: event.httpMethod });
  } catch (cause) {
    throw new InvariantError(
      "event: got no call that HTTP knows, expected one of an API Gateway proxy integration; call the function by its API",
      { cause },
    );
  }
}

/**
 * Whether Lambda can hand an answer over: it bounds the answer as a JSON text, in which a quote takes two bytes.
 */
export function fitsAnswer(body: string): boolean {
  const mostBytes = body.length * 6;
  if (mostBytes < answerBytes) return true;
  return Buffer.byteLength(JSON.stringify(body)) <= answerBytes;
}

/** Some room is left for status and headers. */
const answerBytes = httpLimits.bodyBytes - 4096;

/** API Gateway hands the path over decoded; what a URL cannot carry as it is must not be taken for a query or fragment. */
function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9/._~!$&'()*+,;=:@-]/gu, (character) =>
    encodeURIComponent(character.isWellFormed() ? character : "\ufffd"),
  );
}
