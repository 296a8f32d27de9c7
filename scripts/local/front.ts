import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Socket } from "node:net";
import { AwsError } from "./aws-error.ts";
import { answerError } from "./error-answer.ts";
import type { Fault, Faults } from "./faults.ts";
import { createHttp2Bridge, http2PrefaceStart } from "./http2-bridge.ts";
import type { LocalService } from "./service.ts";
import { readServiceCall } from "./service-call.ts";
import { isFromForeignPage } from "./web-page.ts";

export interface FrontOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Asked at each request, so that the services may be replaced while the front stays. */
  readonly services: () => readonly LocalService[];
  readonly faults: Faults;
  /** JSON pages under `/_headrace/`, by name. */
  readonly pages: ReadonlyMap<string, () => unknown>;
  readonly onLog: (line: string) => void;
}

export interface Front {
  readonly port: number;
  /** Stop listening and close every connection, also those with a request under way. */
  stop(): Promise<void>;
}

/**
 * Listen on 127.0.0.1 and hand each request to the service named in its SigV4 credential scope, or in its path.
 *
 * Signatures are not checked: whoever reaches the port is trusted, which is why it is bound to the loopback address.
 *
 * @throws {Error} when the port is taken.
 */
export async function startFront(options: FrontOptions): Promise<Front> {
  const http = createHttpServer((request, response) => {
    dispatch(request, response, options).catch((cause: unknown) => {
      // Nobody is left to answer, and nothing here is at fault.
      if (request.errored !== null) return;
      answerError(request, response, {
        error: toAwsError(cause, request, options),
        service: readServiceCall(request)?.service,
      });
    });
  });
  // An idle client must not find its connection closed just as it sends: that is a failure AWS would not show.
  http.keepAliveTimeout = 0;
  http.requestTimeout = 0;
  const sockets = new Set<Socket>();
  const http2 = createHttp2Bridge(() => portOf(listener.address()));
  const listener = createSocketServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    routeByFirstBytes(socket, {
      http1: () => http.emit("connection", socket),
      http2: () => http2.accept(socket),
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(cause, options.port)));
    listener.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    port: portOf(listener.address()),
    stop: async () => {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      http2.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function dispatch(
  request: IncomingMessage,
  response: ServerResponse,
  options: FrontOptions,
): Promise<void> {
  if (isFromForeignPage(request)) {
    const message =
      "got a request from another web origin or host name, expected a local caller; use 127.0.0.1 or localhost";
    const error = new AwsError("AccessDeniedException", message, 403);
    return answerError(request, response, { error, service: undefined });
  }
  const page = /^\/_headrace\/(\w+)$/.exec(request.url ?? "")?.[1];
  if (page !== undefined) return answerPage(response, options.pages.get(page));
  const call = readServiceCall(request);
  if (call === undefined) {
    const message =
      "got an unsigned request, expected a SigV4 signature; use an AWS SDK or the aws CLI with --endpoint-url";
    const error = new AwsError("MissingAuthenticationToken", message, 403);
    return answerError(request, response, { error, service: undefined });
  }
  const fault = await options.faults.decide(call);
  if (fault !== undefined) return applyFault(request, response, fault);
  const services = options.services();
  const service = services.find(({ signingNames }) => signingNames.includes(call.service));
  if (service !== undefined) return service.handle(request, response);
  const have = services.flatMap(({ signingNames }) => signingNames).sort();
  const message = `the embedded cloud has no service "${call.service}" (asked for ${call.operation}); it has ${have.join(", ")}`;
  answerError(request, response, {
    error: new AwsError("UnknownOperationException", message),
    service: call.service,
  });
}

function answerPage(response: ServerResponse, page: (() => unknown) | undefined): void {
  response.statusCode = page === undefined ? 404 : 200;
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(page === undefined ? { message: "no such page" } : page()));
}

function applyFault(request: IncomingMessage, response: ServerResponse, fault: Fault): void {
  // A body left unread would stall the connection for the next request on it.
  request.resume();
  if (fault.kind === "hang") return;
  if (fault.kind === "reset") {
    request.socket.destroy();
    return;
  }
  response.writeHead(fault.statusCode, { "content-type": fault.contentType });
  response.end(fault.body);
}

/** Look at the first bytes of a connection, put them back, and let the right protocol take it from there. */
function routeByFirstBytes(
  socket: Socket,
  protocols: { readonly http1: () => void; readonly http2: () => void },
  seen: Buffer = Buffer.alloc(0),
): void {
  const onFailure = () => socket.destroy();
  socket.once("error", onFailure);
  socket.once("data", (chunk: Buffer) => {
    socket.off("error", onFailure);
    socket.pause();
    const head = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const compared = Math.min(head.length, http2PrefaceStart.length);
    const isHttp2 = head.subarray(0, compared).equals(http2PrefaceStart.subarray(0, compared));
    if (isHttp2 && compared < http2PrefaceStart.length) {
      routeByFirstBytes(socket, protocols, head);
      socket.resume();
      return;
    }
    socket.unshift(head);
    if (isHttp2) return protocols.http2();
    protocols.http1();
    socket.resume();
  });
}

function portOf(address: ReturnType<ReturnType<typeof createSocketServer>["address"]>): number {
  if (address === null || typeof address === "string") throw new Error("the embedded cloud is not listening");
  return address.port;
}

function listenError(cause: NodeJS.ErrnoException, port: number): Error {
  const reason =
    cause.code === "EADDRINUSE" ? "it is taken; choose another or 0 for a free one" : cause.message;
  return new Error(`the embedded cloud cannot listen on 127.0.0.1:${port}: ${reason}`, { cause });
}

/** What a service throws on purpose is the answer; anything else is a fault of ours. */
function toAwsError(cause: unknown, request: IncomingMessage, { onLog }: FrontOptions): AwsError {
  if (cause instanceof AwsError) return cause;
  onLog(`front: ${request.method} ${request.url} failed: ${describe(cause)}`);
  return new AwsError("InternalFailure", `the embedded cloud failed: ${describe(cause)}`, 500);
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
