import type { MockIntegration } from "./definitions.ts";
import type { Answer } from "./gateway-answer.ts";
import { GatewayFault } from "./gateway-fault.ts";
import { readMediaType } from "./media-type.ts";

/**
 * Answer in place of a backend: the request template's `statusCode` chooses the response.
 *
 * @throws {GatewayFault} `API_CONFIGURATION_ERROR` when no template or no response fits.
 */
export function answerMock(integration: MockIntegration, contentType: string | undefined): Answer {
  const template = integration.requestTemplates[readMediaType(contentType ?? "application/json")];
  const status = /statusCode["']?\s*:\s*["']?(\d{3})/.exec(template ?? "")?.[1];
  if (status === undefined) throw misconfigured("no request template gives a statusCode");
  const { responses } = integration;
  const chosen =
    responses.find(({ selectionPattern }) => selectionPattern?.test(status)) ??
    responses.find(({ selectionPattern }) => selectionPattern === undefined);
  if (chosen === undefined) throw misconfigured(`no integration response for the status ${status}`);
  const hasType = Object.keys(chosen.headers).some((name) => name.toLowerCase() === "content-type");
  const ownType: readonly (readonly [string, string])[] = hasType
    ? []
    : [["content-type", "application/json"]];
  return {
    statusCode: chosen.statusCode,
    headers: [...ownType, ...Object.entries(chosen.headers)],
    body: Buffer.from(chosen.body),
  };
}

function misconfigured(reason: string): GatewayFault {
  return new GatewayFault("API_CONFIGURATION_ERROR", { reason: `mock integration: ${reason}` });
}
