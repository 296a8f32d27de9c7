import type { ApiAccess } from "./api-access.ts";
import { fetchSigned, type SignerConfig } from "./fetch-signed.ts";

/** What came back, whatever its status. */
export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** Longer than a REST API takes at most to answer. */
const timeoutMs = 40_000;

/**
 * Send JSON to an API with its key, or signed where it has none.
 *
 * @param path - below the stage, such as `/models/m/predict`.
 */
export async function postJson(
  { url, apiKey }: ApiAccess,
  path: string,
  body: string,
  signer?: SignerConfig,
): Promise<Posted> {
  const headers = {
    "content-type": "application/json",
    ...(apiKey !== undefined && { "x-api-key": apiKey }),
  };
  const request = { method: "POST", headers, body };
  const target = new URL(`${url}${path}`);
  const response =
    apiKey === undefined
      ? await fetchSigned({ ...request, url: target, service: "execute-api", timeoutMs }, signer)
      : await fetch(target, { ...request, signal: AbortSignal.timeout(timeoutMs) });
  return { status: response.status, text: await response.text() };
}
