import { CloudFormationClient, type CloudFormationClientConfig } from "@aws-sdk/client-cloudformation";

/** Who signs and for which region. @default the SDK's own environment */
export type SignerConfig = Pick<CloudFormationClientConfig, "credentials" | "region">;

export interface SignedRequest {
  /** The service's signing name, e.g. `execute-api`. */
  readonly service: string;
  readonly method: string;
  /** May depend on the region, as the names of AWS's own hosts do. */
  readonly url: URL | ((region: string) => URL);
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/**
 * Send a request with a signature of version 4.
 *
 * A client of each service would be a dependency for one call: any client resolves credentials and region as the SDK
 * does. It is a fresh one per request, since it goes on signing for the service that it signed for first.
 */
export async function fetchSigned(
  { service, method, headers = {}, body, timeoutMs, ...request }: SignedRequest,
  config: SignerConfig = {},
): Promise<Response> {
  const client = new CloudFormationClient({ ...config });
  try {
    const region = await client.config.region();
    const url = typeof request.url === "function" ? request.url(region) : request.url;
    const signer = await client.config.signer({
      name: "sigv4",
      signingName: service,
      signingRegion: region,
      properties: {},
    });
    const signed = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port !== "" && { port: Number(url.port) }),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { ...headers, host: url.host },
      body,
    });
    const { host: _, ...sent } = signed.headers;
    return await fetch(url, { method, headers: sent, body, signal: AbortSignal.timeout(timeoutMs) });
  } finally {
    client.destroy();
  }
}
