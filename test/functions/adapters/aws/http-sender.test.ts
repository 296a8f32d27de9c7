import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  createHttpSender,
  type HttpPost,
  type HttpSenderOptions,
} from "../../../../functions/adapters/aws/http-sender.ts";

/** Far above what anything takes here, however busy the machine. */
const patientMs = 30_000;

function senderWith(limits: Partial<HttpSenderOptions> = {}) {
  const sender = createHttpSender({
    ...{ maxSockets: 8, connectionTimeoutMs: patientMs, requestTimeoutMs: patientMs, maxAnswerBytes: 1_000 },
    ...limits,
  });
  onTestFinished(() => sender.destroy());
  return sender;
}

async function serve(handle: RequestListener) {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  let connections = 0;
  server.on("connection", () => connections++);
  return { post: postTo(server), connectionCount: () => connections };
}

function postTo(server: Pick<Server, "address">): HttpPost {
  const { port } = server.address() as AddressInfo;
  const headers = { host: `127.0.0.1:${port}`, "content-length": "2" };
  return { protocol: "http:", hostname: "127.0.0.1", port, path: "/", headers, body: "{}" };
}

/** A port that is listened on by a thread that sleeps. */
async function serveNobody(): Promise<HttpPost> {
  const sleeper = new Worker(
    `const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      require("node:worker_threads").parentPort.postMessage(server.address());
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`,
    { eval: true },
  );
  onTestFinished(async () => void (await sleeper.terminate()));
  const [address] = (await once(sleeper, "message")) as [AddressInfo];
  return postTo({ address: () => address });
}

/** Answers every request but those whose number, from 0, is named, whose connections it resets. */
function resetting(...doomed: readonly number[]): RequestListener {
  let count = 0;
  return (request, response) => {
    if (doomed.includes(count++)) return void request.socket.resetAndDestroy();
    response.end(`answer ${count}`);
  };
}

describe("a sender", () => {
  it("gives status, headers and text, and keeps the connection", async () => {
    const { post, connectionCount } = await serve((request, response) => {
      request.resume();
      response.writeHead(404, { "X-Amzn-RequestId": "r" }).end("naïve");
    });
    const sender = senderWith();
    for (let i = 0; i < 3; i++) {
      const answer = await sender.post(post);
      expect(answer).toMatchObject({ status: 404, text: "naïve", sends: 1 });
      expect(answer.headers["x-amzn-requestid"]).toBe("r");
    }
    expect(connectionCount()).toBe(1);
  });

  it("opens no more connections than it may", async () => {
    const { post, connectionCount } = await serve((_, response) => void setImmediate(() => response.end()));
    const sender = senderWith({ maxSockets: 3 });
    await Promise.all(Array.from({ length: 20 }, () => sender.post(post)));
    expect(connectionCount()).toBe(3);
  });

  it("sends once more, over a new connection, what met a kept one that was closed", async () => {
    const { post, connectionCount } = await serve(resetting(1));
    const sender = senderWith();
    expect(await sender.post(post)).toMatchObject({ text: "answer 1", sends: 1 });
    expect(await sender.post(post)).toMatchObject({ text: "answer 3", sends: 2 });
    expect(connectionCount()).toBe(2);
  });

  it("sends once more where all of many kept connections were closed", async () => {
    let isClosing = false;
    const { post } = await serve((request, response) => {
      // Every connection that was open when the closing began dies with its next request.
      const socket: { isOld?: boolean } = request.socket as object;
      if (isClosing && socket.isOld) return void request.socket.resetAndDestroy();
      socket.isOld = true;
      setImmediate(() => response.end());
    });
    const sender = senderWith();
    await Promise.all(Array.from({ length: 8 }, () => sender.post(post)));
    isClosing = true;
    expect(await sender.post(post)).toMatchObject({ status: 200, sends: 2 });
  });

  it("fails at a second reset", async () => {
    const { post } = await serve(resetting(1, 2));
    const sender = senderWith();
    await sender.post(post);
    await expect(sender.post(post)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await sender.post(post)).toMatchObject({ text: "answer 4", sends: 1 });
  });

  it("does not send again what a new connection did not answer", async () => {
    const { post } = await serve(resetting(0));
    const sender = senderWith();
    await expect(sender.post(post)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await sender.post(post)).toMatchObject({ text: "answer 2" });
  });

  it("does not send again what was answered in part", async () => {
    let count = 0;
    const { post } = await serve((request, response) => {
      if (count++ !== 1) return void response.end("whole");
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => request.socket.resetAndDestroy());
    });
    const sender = senderWith();
    await sender.post(post);
    await expect(sender.post(post)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(count).toBe(2);
  });

  it.each([
    ["does not begin", () => undefined],
    ["does not end", (response: { write(text: string): void }) => response.write("half")],
  ])("gives up in time where the answer %s", async (_, begin) => {
    const { post } = await serve((request, response) => {
      request.resume();
      begin(response);
    });
    const sender = senderWith({ requestTimeoutMs: 50 });
    await expect(sender.post(post)).rejects.toMatchObject({
      name: "TimeoutError",
      message: "no answer within 50 ms",
    });
  });

  it("gives up in time where nobody takes the connection", async () => {
    const sender = senderWith({ connectionTimeoutMs: 100 });
    const post = await serveNobody();
    // The system takes one or two on its own account.
    const posts = Array.from({ length: 8 }, () => sender.post(post));
    await expect(Promise.race(posts)).rejects.toMatchObject({
      name: "TimeoutError",
      message: "no connection within 100 ms",
    });
  });

  it("breaks off when it is told to, before and while it waits", async () => {
    const asked = Promise.withResolvers<{ readonly closed: Promise<unknown> }>();
    const { post } = await serve((request) => asked.resolve({ closed: once(request.socket, "close") }));
    const sender = senderWith();
    const abort = new AbortController();
    const waiting = sender.post({ ...post, signal: abort.signal });
    waiting.catch(() => undefined);
    const { closed } = await asked.promise;
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    // The other side is told: the connection does not stay open for an answer that nobody reads.
    await closed;
    await expect(sender.post({ ...post, signal: abort.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  it("takes an answer as large as it may, and none that is larger", async () => {
    const { post } = await serve((request, response) => {
      request.resume();
      response.end("x".repeat(Number(request.headers["x-size"])));
    });
    const sender = senderWith({ maxAnswerBytes: 200_000 });
    const ask = (size: number) =>
      sender.post({ ...post, headers: { ...post.headers, "x-size": String(size) } });
    expect((await ask(200_000)).text).toHaveLength(200_000);
    await expect(ask(200_001)).rejects.toMatchObject({ name: "AnswerTooLarge" });
  });
});
