import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import type { ServingOutputs, StageName } from "../../functions/contract/stack-outputs.ts";
import { discoverApi } from "../discover.ts";
import { fetchSigned } from "./fetch-signed.ts";

/** The API of a deployed stage, found and opened. */
export interface Api {
  /** Where it answers, its stage included, without a slash at the end. */
  readonly url: string;
  /** Send JSON to a path such as `/models/m/predict`. */
  post(path: string, body: string): Promise<{ readonly status: number; readonly text: string }>;
}

const timeoutMs = 40_000;

/**
 * Find a stage's API by its stack's outputs, and its key's value by the key's id; an API without keys is called signed.
 *
 * On an emulator, which has no names of its own, the address is made of the API's id.
 *
 * @param variables - where the SDK is told of another endpoint.
 */
export async function openApi(
  stage: StageName,
  client: CloudFormationClient = new CloudFormationClient({}),
  variables: NodeJS.ProcessEnv = process.env,
): Promise<Api> {
  const outputs = await discoverApi(stage, client);
  const endpoint = variables.AWS_ENDPOINT_URL_API_GATEWAY ?? variables.AWS_ENDPOINT_URL;
  const url = apiUrl(outputs, stage, endpoint);
  const key = outputs.ApiKeyId === undefined ? undefined : await readKey(outputs.ApiKeyId, client, endpoint);
  return {
    url,
    async post(path, body) {
      const headers = { "content-type": "application/json", ...(key !== undefined && { "x-api-key": key }) };
      const request = { method: "POST", url: new URL(`${url}${path}`), headers, body, timeoutMs };
      const response =
        key === undefined
          ? await fetchSigned(client, { ...request, service: "execute-api" })
          : await fetch(request.url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
      return { status: response.status, text: await response.text() };
    },
  };
}

/** Where an API answers. @param endpoint - of the emulator, where there is one. */
export function apiUrl(outputs: ServingOutputs, stage: StageName, endpoint: string | undefined): string {
  const url =
    endpoint === undefined
      ? outputs.ApiUrl
      : `${endpoint.replace(/\/$/, "")}/restapis/${outputs.ApiId}/${stage}/_user_request_`;
  return url.replace(/\/$/, "");
}

async function readKey(
  id: string,
  client: CloudFormationClient,
  endpoint: string | undefined,
): Promise<string> {
  const base = endpoint ?? `https://apigateway.${await client.config.region()}.amazonaws.com`;
  const url = new URL(`${base.replace(/\/$/, "")}/apikeys/${encodeURIComponent(id)}?includeValue=true`);
  const response = await fetchSigned(client, { service: "apigateway", method: "GET", url, timeoutMs });
  const answer = (response.ok ? await response.json() : {}) as { value?: unknown };
  if (typeof answer.value === "string") return answer.value;
  throw new Error(
    `api key ${id}: got status ${response.status}, expected its value; allow apigateway:GET on /apikeys/${id}`,
  );
}
