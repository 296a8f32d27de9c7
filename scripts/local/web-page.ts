import type { IncomingMessage } from "node:http";

/**
 * Whether a request comes from a web page of another origin, or was led here under a name that is not this machine's.
 *
 * Signatures are not checked, so without this any page in the developer's browser could write to the local port.
 */
export function isFromForeignPage({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const origin = headers.origin === undefined ? undefined : URL.parse(headers.origin)?.hostname;
  if (headers.origin !== undefined && !isLoopback(origin)) return true;
  return headers.host !== undefined && !isLoopback(URL.parse(`http://${headers.host}`)?.hostname);
}

function isLoopback(hostname: string | undefined): boolean {
  return hostname !== undefined && /^(127(\.\d+){3}|\[::1\]|([a-z0-9-]+\.)*localhost)$/.test(hostname);
}
