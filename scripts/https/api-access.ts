import * as z from "zod";
import type { ServingOutputs, StageName } from "../../functions/contract/stack-outputs.ts";
import { fetchSigned, type SignerConfig } from "./fetch-signed.ts";

/** Where a stage answers over HTTPS, and what lets a caller in. */
export interface ApiAccess {
  /** Without a slash at its end. */
  readonly url: string;
  /** Absent where callers sign instead. */
  readonly apiKey?: string;
}

export interface ApiAccessOptions {
  readonly stage: StageName;
  /** Where it is deployed and who asks. @default the SDK's own environment */
  readonly client?: ApiClientConfig;
}

export interface ApiClientConfig extends SignerConfig {
  readonly endpoint?: string;
}

const timeoutMs = 10_000;
const apiKey = z.object({ value: z.string() });

/**
 * Find the address of a stage's API, and read the value of its key with `GetApiKey`.
 *
 * @throws {Error} when the key cannot be read.
 */
export async function readApiAccess(
  outputs: ServingOutputs,
  { stage, client = {} }: ApiAccessOptions,
): Promise<ApiAccess> {
  const url = apiUrl(outputs, stage, client.endpoint);
  if (outputs.ApiKeyId === undefined) return { url };
  return { url, apiKey: await readApiKey(outputs.ApiKeyId, client) };
}

/**
 * Where an API answers, without a slash at the end.
 *
 * An emulator has no name per API: there the address is made of the API's id.
 *
 * @param endpoint - of the emulator, where there is one. @default as the SDK is told by its environment
 */
export function apiUrl(
  { ApiId, ApiUrl }: ServingOutputs,
  stage: StageName,
  endpoint: string | undefined = endpointOfEnvironment(),
): string {
  const url = endpoint ? `${withoutSlash(endpoint)}/restapis/${ApiId}/${stage}/_user_request_` : ApiUrl;
  return withoutSlash(url);
}

async function readApiKey(
  id: string,
  { endpoint = endpointOfEnvironment(), ...signer }: ApiClientConfig,
): Promise<string> {
  const path = `/apikeys/${encodeURIComponent(id)}`;
  try {
    const response = await fetchSigned(
      {
        service: "apigateway",
        method: "GET",
        url: (region) =>
          new URL(
            `${withoutSlash(endpoint || `https://apigateway.${region}.amazonaws.com`)}${path}?includeValue=true`,
          ),
        timeoutMs,
      },
      signer,
    );
    if (!response.ok) throw new Error(`got status ${response.status}: ${await response.text()}`);
    return apiKey.parse(await response.json()).value;
  } catch (cause) {
    throw new Error(
      `API key ${id}: its value cannot be read; ask for apigateway:GET on ${path}, or read it in the console of API Gateway`,
      { cause },
    );
  }
}

/** Empty variables count as unset, as they do for the SDK. */
function endpointOfEnvironment(): string | undefined {
  return process.env.AWS_ENDPOINT_URL_API_GATEWAY || process.env.AWS_ENDPOINT_URL || undefined;
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}
