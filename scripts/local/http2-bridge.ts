import { Agent, request as sendRequest } from "node:http";
import {
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";

/** The first bytes of any HTTP/2 connection, and no HTTP/1 method: RFC 9113, section 3.4. */
export const http2PrefaceStart = Buffer.from("PRI");

/**
 * Serve cleartext HTTP/2 by sending each stream on as an HTTP/1.1 request to the same port.
 *
 * The JavaScript SDK's Kinesis client speaks HTTP/2 unless told otherwise. Services here know HTTP/1.1 only, so
 * this costs one more local hop: give clients that must be fast a `NodeHttpHandler`.
 */
export function createHttp2Bridge(port: () => number): { accept(socket: Socket): void; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    // A session fails when its client goes away; the client is who needs to know.
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, headers) => forward(stream, headers, { agent, port: port() }));
  return {
    accept: (socket) => {
      server.emit("connection", socket);
    },
    close: () => {
      for (const session of sessions) session.destroy();
      agent.destroy();
      server.close();
    },
  };
}

function forward(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { agent, port }: { readonly agent: Agent; readonly port: number },
): void {
  const onward = sendRequest({
    agent,
    host: "127.0.0.1",
    port,
    method: headers[":method"],
    path: headers[":path"],
    headers: { host: headers[":authority"], ...withoutPseudoHeaders(headers) },
  });
  const cancel = () => stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  onward.on("error", cancel);
  onward.on("response", (answer) => {
    const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...rest } = answer.headers;
    if (stream.destroyed) return void answer.destroy();
    stream.respond({ ":status": answer.statusCode, ...rest });
    answer.on("error", cancel);
    answer.pipe(stream);
  });
  stream.on("error", () => onward.destroy());
  stream.on("close", () => onward.destroy());
  stream.pipe(onward);
}

function withoutPseudoHeaders(headers: IncomingHttpHeaders): Record<string, string | string[] | undefined> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":")));
}
