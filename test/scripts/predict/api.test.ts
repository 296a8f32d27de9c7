import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { describe, expect, it, onTestFinished } from "vitest";
import { apiUrl, openApi } from "../../../scripts/predict/api.ts";

const deployed = {
  ApiId: "api1",
  ApiUrl: "https://api1.execute-api.eu-west-1.amazonaws.com/dev/",
  ApiKeyId: "key1",
};

interface Asked {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** An emulator with one stack, one API and one key; the requests it got. */
async function serveStage(outputs: Record<string, string>, keyStatus = 200) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    asked.push({ request, body });
    if (request.url!.startsWith("/apikeys"))
      response.writeHead(keyStatus).end(JSON.stringify({ value: "the-key" }));
    else if (request.url!.startsWith("/restapis")) response.writeHead(200).end('{"predictions":[]}');
    else response.writeHead(200, { "content-type": "text/xml" }).end(stack(outputs));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "test" };
  const client = new CloudFormationClient({ endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
  onTestFinished(async () => {
    client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { asked, endpoint, open: () => openApi("dev", client, { AWS_ENDPOINT_URL: endpoint }) };
}

function stack(outputs: Record<string, string>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
    <StackName>s</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
    <Outputs>${members.join("")}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

describe("the API of a stage", () => {
  it("is where its stack says, and on an emulator at its id", () => {
    expect(apiUrl(deployed, "dev", undefined)).toBe("https://api1.execute-api.eu-west-1.amazonaws.com/dev");
    expect(apiUrl(deployed, "dev", "http://localhost:4566/")).toBe(
      "http://localhost:4566/restapis/api1/dev/_user_request_",
    );
  });

  it("is called with the key whose id the stack gives", async () => {
    const { open, asked, endpoint } = await serveStage(deployed);
    const api = await open();
    expect(api.url).toBe(`${endpoint}/restapis/api1/dev/_user_request_`);
    expect(await api.post("/models/m/predict", '{"events":[]}')).toEqual({
      status: 200,
      text: '{"predictions":[]}',
    });
    const [described, key, call] = asked.map(({ request }) => request);
    expect(asked[0]!.body).toContain("StackName=Headrace-dev-Serving");
    expect(described!.method).toBe("POST");
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
    const { open, asked } = await serveStage(unkeyed);
    await (await open()).post("/models/m/predict", "{}");
    const { request, body } = asked.at(-1)!;
    expect([asked.length, body]).toEqual([2, "{}"]);
    expect(request.headers.authorization).toMatch(/\/eu-west-1\/execute-api\/aws4_request/);
    expect(request.headers).not.toHaveProperty("x-api-key");
  });

  it("cannot be called with a key that may not be read", async () => {
    const { open } = await serveStage(deployed, 403);
    await expect(open()).rejects.toThrow("api key key1: got status 403");
  });
});
