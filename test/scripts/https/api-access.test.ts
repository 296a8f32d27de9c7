import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { apiUrl, readApiAccess } from "../../../scripts/https/api-access.ts";
import { postJson } from "../../../scripts/https/post-json.ts";

const deployed = {
  ApiId: "api1",
  ApiUrl: "https://api1.execute-api.eu-west-1.amazonaws.com/dev/",
  ApiKeyId: "key1",
};

interface Asked {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** An emulator with one API and one key; the requests it got. */
async function serveApi(keyStatus = 200) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ request, body });
    if (request.url!.startsWith("/apikeys"))
      response.writeHead(keyStatus).end(JSON.stringify({ value: "the-key" }));
    else response.writeHead(200).end('{"predictions":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "test" };
  const client = { endpoint, region: "eu-west-1", credentials };
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, client };
}

describe("the API of a stage", () => {
  it("is where its stack says, and on an emulator at its id", () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv("AWS_ENDPOINT_URL", "");
    vi.stubEnv("AWS_ENDPOINT_URL_API_GATEWAY", "");
    expect(apiUrl(deployed, "dev")).toBe("https://api1.execute-api.eu-west-1.amazonaws.com/dev");
    const onEmulator = "http://localhost:4566/restapis/api1/dev/_user_request_";
    expect(apiUrl(deployed, "dev", "http://localhost:4566/")).toBe(onEmulator);
    vi.stubEnv("AWS_ENDPOINT_URL", "http://localhost:4566");
    expect(apiUrl(deployed, "dev")).toBe(onEmulator);
    vi.stubEnv("AWS_ENDPOINT_URL_API_GATEWAY", "http://localhost:4567");
    expect(apiUrl(deployed, "dev")).toBe(onEmulator.replace("4566", "4567"));
  });

  it("is called with the key whose id the stack gives", async () => {
    const { client, asked } = await serveApi();
    const access = await readApiAccess(deployed, { stage: "dev", client });
    expect(access).toEqual({
      url: `${client.endpoint}/restapis/api1/dev/_user_request_`,
      apiKey: "the-key",
    });
    expect(await postJson(access, "/models/m/predict", '{"events":[]}')).toEqual({
      status: 200,
      text: '{"predictions":[]}',
    });
    const [key, call] = asked.map(({ request }) => request);
    expect(key!.url).toBe("/apikeys/key1?includeValue=true");
    expect(key!.headers.authorization).toMatch(
      /Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/apigateway\/aws4_request/,
    );
    expect(call!.url).toBe("/restapis/api1/dev/_user_request_/models/m/predict");
    expect(call!.headers).toMatchObject({ "x-api-key": "the-key", "content-type": "application/json" });
    expect(call!.headers.authorization).toBeUndefined();
  });

  it("is called signed where it has no keys", async () => {
    const { ApiKeyId: _, ...unkeyed } = deployed;
    const { client, asked } = await serveApi();
    const access = await readApiAccess(unkeyed, { stage: "dev", client });
    expect(access).not.toHaveProperty("apiKey");
    await postJson(access, "/models/m/predict", "{}", client);
    const { request, body } = asked.at(-1)!;
    expect([asked.length, body]).toEqual([1, "{}"]);
    expect(request.headers.authorization).toMatch(/\/eu-west-1\/execute-api\/aws4_request/);
    expect(request.headers).not.toHaveProperty("x-api-key");
  });

  it("cannot be called with a key that may not be read", async () => {
    const { client } = await serveApi(403);
    await expect(readApiAccess(deployed, { stage: "dev", client })).rejects.toMatchObject({
      message: expect.stringContaining("API key key1: its value cannot be read"),
      cause: expect.objectContaining({ message: expect.stringContaining("got status 403") }),
    });
  });
});
