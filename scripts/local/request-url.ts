import type { IncomingMessage } from "node:http";

/** The URL of a request, of which path and query mean something; `/` when what was sent is no URL. */
export function readRequestUrl({ url }: Pick<IncomingMessage, "url">): URL {
  return URL.parse(`http://localhost${url}`) ?? new URL("http://localhost/");
}
