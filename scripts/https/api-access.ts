import { CloudFormationClient, type CloudFormationClientConfig } from "@aws-sdk/client-cloudformation";
import * as z from "zod";
import type { ServingOutputs, StageName } from "../../functions/contract/stack-outputs.ts";

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
  readonly client?: Pick<CloudFormationClientConfig, "credentials" | "region"> & {
    readonly endpoint?: string;
  };
}

const timeoutMs = 10_000;
const apiKey = z.object({ value: z.string() });

/**
 * Find the address of a stage's API, and read the value of its key with `GetApiKey`.
 *
 * @throws {Error} when the key cannot be read.
 */
export async function readApiAccess(
  { ApiId, ApiUrl, ApiKeyId }: ServingOutputs,
  { stage, client = {} }: ApiAccessOptions,
): Promise<ApiAccess> {
  const endpoint =
    client.endpoint ?? (process.env.AWS_ENDPOINT_URL_API_GATEWAY || process.env.AWS_ENDPOINT_URL);
  // An emulator has no name per API.
  const url = endpoint ? `${endpoint}/restapis/${ApiId}/${stage}/_user_request_` : ApiUrl.replace(/\/$/, "");
  if (ApiKeyId === undefined) return { url };
  return { url, apiKey: await readApiKey(ApiKeyId, endpoint, client) };
}

/** One signed GET: a client of API Gateway would be one more package for it. */
async function readApiKey(
  id: string,
  endpoint: string | undefined,
  config: ApiAccessOptions["client"],
): Promise<string> {
  // Any client resolves credentials and region as the SDK does, and signs for the service it is told.
  const client = new CloudFormationClient({ ...config });
  try {
    const region = await client.config.region();
    const url = new URL(
      `${endpoint || `https://apigateway.${region}.amazonaws.com`}/apikeys/${encodeURIComponent(id)}`,
    );
    const scheme = { name: "sigv4", signingName: "apigateway", signingRegion: region, properties: {} };
    const signer = await client.config.signer(scheme);
    const query = { includeValue: "true" };
    const signed = await signer.sign({
      method: "GET",
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== "" && { port: Number(url.port) }),
      path: url.pathname,
      query,
      headers: { host: url.host },
    });
    const { host: _, ...headers } = signed.headers;
    const response = await fetch(`${url}?${new URLSearchParams(query)}`, {
      headers,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`);
    return apiKey.parse(await response.json()).value;
  } catch (cause) {
    throw new Error(
      `API key ${id}: its value cannot be read; ask for apigateway:GET on it, or read it in the console of API Gateway`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}
