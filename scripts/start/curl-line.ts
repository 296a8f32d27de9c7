import type { DepartureEvent } from "../flights/departure-event.ts";
import type { ApiAccess } from "../https/api-access.ts";

export interface CurlTarget extends ApiAccess {
  readonly model: string;
  /** Variables that the SDK needs to reach the endpoint. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The shell command that asks for the prediction of a departure over HTTP. */
export function curlLine({ url, apiKey, model, environment }: CurlTarget, event: DepartureEvent): string {
  const { AWS_ACCESS_KEY_ID: user = "", AWS_SECRET_ACCESS_KEY: secret = "", AWS_REGION = "" } = environment;
  const access =
    apiKey === undefined
      ? `--aws-sigv4 aws:amz:${AWS_REGION}:execute-api --user ${user}:${secret}`
      : `-H 'x-api-key: ${apiKey}'`;
  return (
    `curl -sS ${access} -H 'content-type: application/json' ${url}/models/${model}/predict ` +
    `-d '${JSON.stringify({ events: [event] })}'`
  );
}
