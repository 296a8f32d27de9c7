import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

export type HttpMethod = "GET" | "POST" | "PUT";

export interface HttpPost {
  /** @default POST */
  readonly method?: HttpMethod;
  readonly protocol: string;
  readonly hostname: string;
  /** @default the protocol's own */
  readonly port: number | undefined;
  /** Percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
  /** Times the request was sent: 2 where the first met a connection that was closed meanwhile. */
  readonly sends: number;
}

export interface HttpSenderOptions {
  /** Connections at once; further requests wait for one. */
  readonly maxSockets: number;
  readonly connectionTimeoutMs: number;
  /** From the request to the last byte of its answer. */
  readonly requestTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** Sends small requests over connections that it keeps. */
export interface HttpSender {
  /**
   * @throws an error named `TimeoutError`; with the system's code, such as `ECONNRESET`; named `AnswerTooLarge`; or the
   * signal's reason.
   */
  post(post: HttpPost): Promise<HttpAnswer>;
  destroy(): void;
}

/**
 * Make a sender on Node's own client.
 *
 * The other side closes connections that are long idle, most of all while Lambda keeps a function frozen. A request
 * that meets such a one, and of whose answer nothing came, is sent once more over a new one.
 */
export function createHttpSender(options: HttpSenderOptions): HttpSender {
  const kept = { keepAlive: true, maxSockets: options.maxSockets };
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };

  return {
    async post(post) {
      const agent = post.protocol === "https:" ? agents.https : agents.http;
      try {
        return { ...(await send(post, agent, options)), sends: 1 };
      } catch (error) {
        if (!(error instanceof ClosedMeanwhile)) throw error;
        // What else is idle is as old, or older.
        for (const sockets of Object.values(agent.freeSockets))
          for (const socket of sockets ?? []) socket.destroy();
        try {
          return { ...(await send(post, agent, options)), sends: 2 };
        } catch (again) {
          throw again instanceof ClosedMeanwhile ? again.cause : again;
        }
      }
    },
    destroy() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** A kept connection turned out to be closed before anything was answered. */
class ClosedMeanwhile extends Error {
  override readonly name = "ClosedMeanwhile";
}

function send(
  { method = "POST", protocol, hostname, port, path, headers, body, signal }: HttpPost,
  agent: HttpAgent,
  { connectionTimeoutMs, requestTimeoutMs, maxAnswerBytes }: HttpSenderOptions,
): Promise<Omit<HttpAnswer, "sends">> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = (protocol === "https:" ? requestHttps : requestHttp)({
      ...{ agent, method, hostname, port, path, headers },
    });
    let hasAnswer = false;
    const deadline = setTimeout(() => fail(timeUp("answer", requestTimeoutMs)), requestTimeoutMs);
    const abort = signal && (() => fail(signal.reason));
    if (abort !== undefined) signal?.addEventListener("abort", abort);

    request.on("socket", (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(() => fail(timeUp("connection", connectionTimeoutMs)), connectionTimeoutMs);
      socket.once("connect", () => clearTimeout(timer));
      socket.once("close", () => clearTimeout(timer));
    });
    // After it has failed once, what else happens to the request is no news.
    request.on("error", (error: NodeJS.ErrnoException) => {
      const isClosed = request.reusedSocket && !hasAnswer && isReset(error);
      fail(isClosed ? new ClosedMeanwhile(error.message, { cause: error }) : error);
    });
    request.on("response", (response) => {
      hasAnswer = true;
      const chunks: Buffer[] = [];
      let sizeBytes = 0;
      response.on("data", (chunk: Buffer) => {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxAnswerBytes) fail(tooLarge(maxAnswerBytes));
        else chunks.push(chunk);
      });
      response.on("error", fail);
      response.on("end", () => {
        settle();
        const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: bytes.toString("utf8"),
        });
      });
    });
    request.end(body);

    function settle(): void {
      clearTimeout(deadline);
      if (abort !== undefined) signal?.removeEventListener("abort", abort);
    }

    function fail(error: unknown): void {
      settle();
      reject(error);
      request.destroy();
    }
  });
}

function isReset({ code }: NodeJS.ErrnoException): boolean {
  return code === "ECONNRESET" || code === "EPIPE";
}

function timeUp(what: string, timeoutMs: number): Error {
  return Object.assign(new Error(`no ${what} within ${timeoutMs} ms`), { name: "TimeoutError" });
}

function tooLarge(maxAnswerBytes: number): Error {
  const message = `got an answer of more than ${maxAnswerBytes} bytes; ask for less at once`;
  return Object.assign(new Error(message), { name: "AnswerTooLarge" });
}
