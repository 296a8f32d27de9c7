import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";

export interface SignedRequest {
  /** The service's signing name, e.g. `execute-api`. */
  readonly service: string;
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
}

/**
 * Send a request with a signature of version 4, by the region and credentials of an SDK client.
 *
 * Any client will do: its signer takes the service's name. A client of each service would be a dependency for one call.
 */
export async function fetchSigned(
  { config }: Pick<CloudFormationClient, "config">,
  { service, method, url, headers = {}, body, timeoutMs }: SignedRequest,
): Promise<Response> {
  const signer = await config.signer();
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port !== "" && { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    body,
  };
  const signed = await signer.sign(request, {
    signingService: service,
    signingRegion: await config.region(),
  });
  return await fetch(url, { method, headers: signed.headers, body, signal: AbortSignal.timeout(timeoutMs) });
}
