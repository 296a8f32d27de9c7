import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { curlLine } from "../../../scripts/start/curl-line.ts";

const run = promisify(execFile);
const environment = {
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_REGION: "us-east-1",
};
const event = {
  type: "departure",
  flight: "0511291-by-hand",
  departs: "2001-02-01T08:20:00Z",
  origin: "ORD",
  destination: "MCO",
  distance: 1005,
} as const;

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that keeps the calls it gets. */
async function listen(): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    calls.push({ method, url, headers, body: await text(request) });
    response.end("answered");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

const hasCurl = await run("curl", ["--version"]).then(
  () => process.platform !== "win32",
  () => false,
);
if (!hasCurl) console.log("skipped, as there is no curl or no POSIX shell: the curl line");

describe.skipIf(!hasCurl)("the curl line", () => {
  it("posts the event with the key to the model's predict call", async () => {
    const { url, calls } = await listen();
    const line = curlLine(
      { url: `${url}/api`, apiKey: "k".repeat(40), model: "flight-delay", environment },
      event,
    );

    expect((await run("/bin/sh", ["-c", line])).stdout).toBe("answered");

    expect(calls).toHaveLength(1);
    const [{ method, headers, body, url: path }] = calls as [Call];
    expect([method, path]).toEqual(["POST", "/api/models/flight-delay/predict"]);
    expect(headers).toMatchObject({ "x-api-key": "k".repeat(40), "content-type": "application/json" });
    expect(JSON.parse(body)).toEqual({ events: [event] });
  });

  it("signs where there is no key", async () => {
    const { url, calls } = await listen();

    await run("/bin/sh", ["-c", curlLine({ url, model: "flight-delay", environment }, event)]);

    expect(calls[0]!.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/us-east-1\/execute-api\/aws4_request, /,
    );
    expect(calls[0]!.headers).not.toHaveProperty("x-api-key");
  });
});
