import type { GatewayResponse } from "./definitions.ts";
import { type GatewayFault, gatewayFaults } from "./gateway-fault.ts";

export interface Answer {
  readonly statusCode: number;
  /** In order; a name may come more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/**
 * Say a fault in the API's own words, where it has any: its response of that type, else its `DEFAULT_4XX` or
 * `DEFAULT_5XX`, else API Gateway's.
 *
 * @param context - values of `$context` variables by name, e.g. `requestId`.
 */
export function answerFault(
  fault: GatewayFault,
  responses: ReadonlyMap<string, GatewayResponse>,
  context: Readonly<Record<string, string>>,
): Answer {
  const { statusCode, errorType } = gatewayFaults[fault.type];
  const custom = responses.get(fault.type) ?? responses.get(statusCode < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  const [contentType, template] = Object.entries(custom?.templates ?? {})[0] ?? [
    "application/json",
    '{"message":$context.error.messageString}',
  ];
  const values: Readonly<Record<string, string>> = {
    ...context,
    "error.message": fault.message,
    "error.messageString": JSON.stringify(fault.message),
    "error.responseType": fault.type,
  };
  return {
    statusCode: custom?.statusCode ?? statusCode,
    headers: [
      ["content-type", contentType],
      ["x-amzn-ErrorType", errorType],
      ...Object.entries(custom?.headers ?? {}),
    ],
    body: Buffer.from(template.replace(variable, (_, name: string) => values[name] ?? "")),
  };
}

/** The `$context` variables that a template of a gateway response may use. */
export const gatewayVariables: readonly string[] = [
  ...["error.message", "error.messageString", "error.responseType"],
  ...["requestId", "extendedRequestId", "stage", "apiId", "httpMethod", "path", "resourcePath"],
];

/** @returns the first thing in a template that would not be filled in. */
export function findUnknownVariable(template: string): string | undefined {
  const rest = template.replace(variable, (whole, name: string) =>
    gatewayVariables.includes(name) ? "" : whole,
  );
  return /[$#][\w.{(]+/.exec(rest)?.[0];
}

const variable = /\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)/g;
