import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the Runtime API asks of one execution environment. */
export interface RuntimeClient {
  /** The runtime is free: hold `response` until there is an invocation. */
  next(response: ServerResponse): void;
  /** The handler's result; `undefined` when it was larger than Lambda allows. @returns false: no such request. */
  respond(requestId: string, body: Buffer | undefined): boolean;
  /** The handler's error. @returns false: no such request. */
  fail(requestId: string, body: Buffer): boolean;
  failInit(body: Buffer): void;
}

export interface RuntimeApi {
  /** @returns the value of `AWS_LAMBDA_RUNTIME_API`, `host:port/prefix`. */
  register(environmentId: string, client: RuntimeClient): string;
  unregister(environmentId: string): void;
  close(): Promise<void>;
}

/** Longest response of a synchronous invocation, in bytes. @see AWS Lambda developer guide, "Lambda quotas" */
export const maxResponseBytes = 6_291_556;

/**
 * Serve the Lambda Runtime API (2018-06-01) to every environment from one listener on 127.0.0.1.
 *
 * An environment is told apart by the first segment of the path.
 *
 * @see AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes"
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const clients = new Map<string, RuntimeClient>();
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    serve(clients, request, response).catch((error: unknown) => {
      // The environment died while it was speaking; its exit is what the invocation reports.
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    register(environmentId, client) {
      clients.set(environmentId, client);
      return `127.0.0.1:${port}/${environmentId}`;
    },
    unregister: (environmentId) => void clients.delete(environmentId),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const routePattern =
  /^\/([^/]+)\/2018-06-01\/runtime\/(?:invocation\/(next)|invocation\/([^/]+)\/(response|error)|(init\/error))$/;

async function serve(
  clients: ReadonlyMap<string, RuntimeClient>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, environmentId = "", next, requestId = "", verb, initError] =
    routePattern.exec(request.url ?? "") ?? [];
  const client = clients.get(environmentId);
  if (client === undefined) return answer(response, 404, "no such environment");
  if (next !== undefined) return client.next(response);
  const body = await readBody(request);
  if (initError !== undefined) {
    client.failInit(body ?? Buffer.from("{}"));
    return answer(response, 202, "OK");
  }
  const known =
    verb === "response" ? client.respond(requestId, body) : client.fail(requestId, body ?? Buffer.from("{}"));
  if (!known) return answer(response, 400, "no such request");
  return body === undefined ? answer(response, 413, "response too large") : answer(response, 202, "OK");
}

/** The body, or `undefined` when it is longer than a response may be; it is read to its end either way. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxResponseBytes) chunks.push(chunk);
  }
  return sizeBytes <= maxResponseBytes ? Buffer.concat(chunks) : undefined;
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain", "content-length": text.length });
  response.end(text);
}
