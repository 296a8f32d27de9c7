import type { IncomingMessage } from "node:http";

/**
 * Whether a request comes from a web page of another origin, or was led here under a name that is not this machine's.
 *
 * Signatures are not checked, so without this any page in the developer's browser could write to the local port.
 */
export function isFromForeignPage({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const origin = headers.origin === undefined ? undefined : URL.parse(headers.origin)?.hostname;
  if (headers.origin !== undefined && !isLoopback(origin)) return true;
  // Nearly every request names the host as the endpoint does; to parse it is a tangible part of what a small one costs.
  if (headers.host === undefined || usualHost.test(headers.host)) return false;
  return !isLoopback(URL.parse(`http://${headers.host}`)?.hostname);
}

const usualHost = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/;

function isLoopback(hostname: string | undefined): boolean {
  return hostname !== undefined && /^(127(\.\d+){3}|\[::1\]|([a-z0-9-]+\.)*localhost)$/.test(hostname);
}
