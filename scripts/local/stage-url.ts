/** Where in an API a request goes. */
export interface StageUrl {
  readonly apiId: string;
  readonly stageName: string;
  /** Below the stage, percent-encoded, with its leading slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Read the address that stands for `https://<api>.execute-api.<region>.amazonaws.com/<stage>/<path>` on one port:
 * `/restapis/<api>/<stage>/_user_request_/<path>`.
 *
 * @returns undefined for any other address.
 */
export function parseStageUrl(url: string): StageUrl | undefined {
  const [, apiId, stageName, path, query] =
    /^\/restapis\/([^/?]+)\/([^/?]+)\/_user_request_(\/[^?]*)?(?:\?(.*))?$/s.exec(url) ?? [];
  if (apiId === undefined || stageName === undefined) return undefined;
  return { apiId, stageName, path: path ?? "/", query: new URLSearchParams(query) };
}
