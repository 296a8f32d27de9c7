import { randomBytes } from "node:crypto";
import { CfnOutput, Duration } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answering, type StartedApi, startApi } from "./started-api.ts";

const given = "a-key-that-is-long-enough-to-be-one";
let nowMs = Date.UTC(2026, 2, 14, 23, 59, 0);
let api: StartedApi;

beforeAll(async () => {
  api = await startApi(
    (stack, handler) => {
      const restApi = new apigateway.RestApi(stack, "RestApi", {
        deployOptions: { variables: { colour: "green" } },
        binaryMediaTypes: ["application/octet-stream"],
        cloudWatchRole: true,
        defaultCorsPreflightOptions: { allowOrigins: ["http://localhost:3000"], allowMethods: ["POST"] },
      });
      const integration = new apigateway.LambdaIntegration(handler);
      const models = restApi.root.addResource("models");
      const one = models.addResource("{name}");
      one.addMethod("GET", integration);
      one.addResource("ready").addMethod("GET", integration);
      models.addResource("fixed").addMethod("GET", integration);
      restApi.root.addResource("rest").addProxy({ defaultIntegration: integration });
      restApi.root
        .addResource("slow")
        .addMethod("GET", new apigateway.LambdaIntegration(handler, { timeout: Duration.millis(50) }));
      restApi.root
        .addResource("signed")
        .addMethod("GET", integration, { authorizationType: apigateway.AuthorizationType.IAM });

      const model = restApi.addModel("Rows", {
        contentType: "application/json",
        schema: {
          schema: apigateway.JsonSchemaVersion.DRAFT4,
          type: apigateway.JsonSchemaType.OBJECT,
          required: ["rows"],
          properties: {
            rows: {
              type: apigateway.JsonSchemaType.ARRAY,
              maxItems: 2,
              items: { type: apigateway.JsonSchemaType.NUMBER, minimum: 0, exclusiveMinimum: true },
            },
          },
        },
      });
      const checked = restApi.root.addResource("checked");
      checked.addMethod("POST", integration, {
        requestModels: { "application/json": model },
        requestParameters: {
          "method.request.querystring.version": true,
          "method.request.header.X-Caller": true,
          "method.request.querystring.extra": false,
        },
        requestValidatorOptions: { validateRequestBody: true, validateRequestParameters: true },
      });

      const keyed = restApi.root.addResource("keyed");
      keyed.addMethod("GET", integration, { apiKeyRequired: true });
      keyed.addMethod("PUT", integration, { apiKeyRequired: true });
      const plan = restApi.addUsagePlan("Plan", {
        throttle: { rateLimit: 2, burstLimit: 3 },
        quota: { limit: 5, period: apigateway.Period.DAY },
        apiStages: [
          {
            stage: restApi.deploymentStage,
            throttle: [
              {
                method: keyed.node.findChild("PUT") as apigateway.Method,
                throttle: { rateLimit: 1, burstLimit: 1 },
              },
            ],
          },
        ],
      });
      const named = restApi.addApiKey("Named", { apiKeyName: "named", value: given });
      const generated = restApi.addApiKey("Generated");
      const stranger = restApi.addApiKey("Stranger", { apiKeyName: "stranger" });
      plan.addApiKey(named);
      plan.addApiKey(generated);
      const ids = { Named: named.keyId, Generated: generated.keyId, Stranger: stranger.keyId };
      for (const [id, value] of Object.entries(ids)) new CfnOutput(stack, `${id}Id`, { value });
      return restApi;
    },
    { apiGateway: { now: () => nowMs } },
  );
});
afterAll(() => api.close());

async function expectFault(
  answer: Response,
  expected: { readonly status: number; readonly message: string; readonly type: string },
): Promise<void> {
  expect(await answer.json()).toEqual({ message: expected.message });
  expect(answer.status).toBe(expected.status);
  expect(answer.headers.get("x-amzn-errortype")).toBe(expected.type);
  expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
}

describe("a deployed REST API", () => {
  it("hands the whole request to the function, and answers with what it says", async () => {
    const answer = await fetch(`${api.url}/models/flight%20delay?a=1&a=2&b=x%2By+z&empty=`, {
      headers: { "X-Mixed-Case": "kept", "user-agent": "tester" },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    const event = JSON.parse(await answer.text());
    expect(event).toMatchObject({
      resource: "/models/{name}",
      path: "/models/flight%20delay",
      httpMethod: "GET",
      queryStringParameters: { a: "2", b: "x+y z", empty: "" },
      multiValueQueryStringParameters: { a: ["1", "2"], b: ["x+y z"], empty: [""] },
      pathParameters: { name: "flight delay" },
      stageVariables: { colour: "green" },
      headers: { "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Port": String(api.cloud.port) },
      requestContext: {
        accountId: "000000000000",
        apiId: api.apiId,
        stage: "prod",
        resourcePath: "/models/{name}",
        httpMethod: "GET",
        path: "/prod/models/flight%20delay",
        protocol: "HTTP/1.1",
        requestTime: "14/Mar/2026:23:59:00 +0000",
        requestTimeEpoch: nowMs,
        requestId: answer.headers.get("x-amzn-requestid"),
        extendedRequestId: answer.headers.get("x-amz-apigw-id"),
        identity: { sourceIp: "127.0.0.1", userAgent: "tester" },
      },
      body: null,
      isBase64Encoded: false,
    });
    expect(event.requestContext.identity).not.toHaveProperty("apiKey");
  });

  it.each([
    ["/models/fixed", "/models/fixed", null],
    ["/models/fixed/", "/models/fixed", null],
    ["/models/x", "/models/{name}", { name: "x" }],
    ["/models/fixed/ready", "/models/{name}/ready", { name: "fixed" }],
    ["/rest/a/b%2Fc", "/rest/{proxy+}", { proxy: "a/b/c" }],
  ])("routes %s to %s", async (path, resource, pathParameters) => {
    expect(await (await fetch(api.url + path)).json()).toMatchObject({ resource, pathParameters });
  });

  it.each([
    ["a path", "GET", "/nope"],
    ["a method", "DELETE", "/models/x"],
    ["the root", "GET", ""],
  ])("refuses %s that it does not have", async (_title, method, path) => {
    await expectFault(await fetch(api.url + path, { method }), {
      status: 403,
      message: "Missing Authentication Token",
      type: "MissingAuthenticationTokenException",
    });
  });

  it("refuses a stage and an API that do not exist", async () => {
    for (const url of [api.url.replace("/prod/", "/test/"), api.url.replace(api.apiId, "abcdefghij")]) {
      await expectFault(await fetch(`${url}/models/x`), {
        status: 403,
        message: "Forbidden",
        type: "ForbiddenException",
      });
    }
  });

  it("passes binary bodies as base64, and text as it is", async () => {
    const bytes = randomBytes(1000);
    const send = async (contentType: string, body: Buffer<ArrayBuffer> | string) => {
      const headers = { "content-type": contentType };
      const answer = await fetch(`${api.url}/rest/x`, { method: "POST", headers, body });
      return JSON.parse(await answer.text());
    };
    expect(await send("application/octet-stream; a=b", bytes)).toMatchObject({
      isBase64Encoded: true,
      body: bytes.toString("base64"),
    });
    expect(await send("text/plain", "naïve")).toMatchObject({ isBase64Encoded: false, body: "naïve" });
  });

  it("decodes a base64 answer for who asks for a binary type first, and for nobody else", async () => {
    const body = randomBytes(100);
    const response = { isBase64Encoded: true, body: body.toString("base64") };
    const ask = async (accept: string) => {
      const answer = await fetch(`${api.url}/rest/x`, { headers: { ...answering(response), accept } });
      return Buffer.from(await answer.arrayBuffer());
    };
    expect(await ask("application/octet-stream;q=0.5, text/plain")).toEqual(body);
    expect((await ask("text/plain, application/octet-stream")).toString()).toBe(body.toString("base64"));
  });

  it("passes on status, headers and cookies", async () => {
    const response = {
      statusCode: 418,
      headers: { "x-one": "1", "content-type": "text/plain", date: "then" },
      multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"] },
      body: "short and stout",
    };
    const answer = await fetch(`${api.url}/rest/x`, { headers: answering(response) });
    expect([answer.status, await answer.text()]).toEqual([418, "short and stout"]);
    expect(answer.headers.get("x-one")).toBe("1");
    expect(answer.headers.get("content-type")).toBe("text/plain");
    expect(answer.headers.get("x-amzn-remapped-date")).toBe("then");
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it.each([
    ["throws", { "x-throw": "out of luck" }, /the function failed: .*out of luck/],
    ["answers no object", answering("text"), /malformed Lambda proxy response/],
    ["answers an object as the body", answering({ statusCode: 200, body: {} }), /malformed .*body/s],
    ["answers a field that is none", answering({ statusCode: 200, data: "" }), /malformed .*data/s],
  ])("answers 502 when the function %s, and logs why", async (_title, headers, reason) => {
    await expectFault(await fetch(`${api.url}/rest/x`, { headers }), {
      status: 502,
      message: "Internal server error",
      type: "InternalServerErrorException",
    });
    expect(api.lines.at(-1)).toMatch(reason);
  });

  it("answers 504 when the function takes longer than the integration allows", async () => {
    await expectFault(await fetch(`${api.url}/slow`, { headers: { "x-sleep": "1000" } }), {
      status: 504,
      message: "Endpoint request timed out",
      type: "InternalServerErrorException",
    });
  });

  it("refuses a body above 10 MiB, and the caller reads why", async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1, "x");
    await expectFault(await fetch(`${api.url}/rest/x`, { method: "POST", body }), {
      status: 413,
      message: "HTTP content length exceeded 10485760 bytes.",
      type: "RequestTooLargeException",
    });
  });

  it("asks for a signature where IAM is the authorization", async () => {
    const signed = (authorization?: string) =>
      fetch(`${api.url}/signed`, authorization === undefined ? {} : { headers: { authorization } });
    await expectFault(await signed(), {
      status: 403,
      message: "Missing Authentication Token",
      type: "MissingAuthenticationTokenException",
    });
    const scope = (service: string) =>
      `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    for (const wrong of ["Bearer x", scope("s3")]) expect((await signed(wrong)).status).toBe(403);
    expect((await signed(scope("execute-api"))).status).toBe(200);
  });

  it("answers a preflight as the template's OPTIONS method does", async () => {
    const answer = await fetch(`${api.url}/checked`, {
      method: "OPTIONS",
      headers: { origin: "http://localhost:3000", "access-control-request-method": "POST" },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
    expect(answer.headers.get("access-control-allow-methods")).toBe("POST");
  });
});

describe("a request validator", () => {
  const post = (query: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${api.url}/checked${query}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "x-caller": "me", ...headers },
    });

  it.each([
    ["what the model refuses", '{"rows":[0]}'],
    ["too many items", '{"rows":[1,2,3]}'],
    ["a missing member", "{}"],
    ["what is no JSON", "{"],
    ["nothing", ""],
  ])("refuses %s", async (_title, body) => {
    await expectFault(await post("?version=1", body), {
      status: 400,
      message: "Invalid request body",
      type: "BadRequestException",
    });
  });

  it("names each required parameter that is missing or blank", async () => {
    await expectFault(await post("?version=", '{"rows":[1]}', { "x-caller": "" }), {
      status: 400,
      message: "Missing required request parameters: [version, X-Caller]",
      type: "BadRequestException",
    });
  });

  it("lets the rest through, and bodies of a type without a model", async () => {
    expect((await post("?version=1", '{"rows":[0.5,2]}')).status).toBe(200);
    expect((await post("?version=1", "anything", { "content-type": "text/plain" })).status).toBe(200);
  });
});

describe("an API key", () => {
  const forbidden = { status: 403, message: "Forbidden", type: "ForbiddenException" };
  const ask = (key: string | undefined, method = "GET") =>
    fetch(`${api.url}/keyed`, { method, headers: key === undefined ? {} : { "x-api-key": key } });
  const control = async (path: string) => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/apigateway/aws4_request, Signature=0";
    const answer = await fetch(`${api.cloud.endpoint}${path}`, { headers: { authorization } });
    return JSON.parse(await answer.text());
  };

  it("is asked for: none, a wrong one and one of no plan are refused alike", async () => {
    const { value: stranger } = await control(`/apikeys/${api.outputs.StrangerId}?includeValue=true`);
    for (const key of [undefined, "wrong", stranger]) await expectFault(await ask(key), forbidden);
  });

  it("is asked for before the body is read, and a caller that sends much reads the answer", async () => {
    const body = Buffer.alloc(8 * 1024 * 1024, "x");
    await expectFault(await fetch(`${api.url}/keyed`, { method: "PUT", body }), forbidden);
  });

  it("is read by the control plane, its value only when asked for", async () => {
    const shown = await control(`/apikeys/${api.outputs.NamedId}?includeValue=true`);
    expect(shown).toMatchObject({ id: api.outputs.NamedId, name: "named", value: given, enabled: true });
    expect(await control(`/apikeys/${api.outputs.NamedId}`)).not.toHaveProperty("value");
    const { item } = await control("/apikeys?includeValues=true");
    expect(item.map(({ value }: { value: string }) => value)).toEqual(
      expect.arrayContaining([given, expect.stringMatching(/^[a-zA-Z0-9]{40}$/)]),
    );
    expect((await control("/restapis")).item).toEqual([
      expect.objectContaining({ id: api.apiId, rootResourceId: api.outputs.Root }),
    ]);
    for (const path of ["/usageplans", `/restapis/${api.apiId}/stages`])
      expect(await control(path)).toMatchObject({ message: expect.stringContaining("has GetApiKey, ") });
    expect(await control("/apikeys/nope")).toMatchObject({ message: expect.stringContaining("nope") });
  });

  it("is throttled by its plan, then held to its quota, each key for itself, until the day ends", async () => {
    const first = await ask(given);
    expect(await first.json()).toMatchObject({
      requestContext: { identity: { apiKey: given, apiKeyId: api.outputs.NamedId } },
    });
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let i = 0; i < count; i += 1) seen.push((await ask(given)).status);
      return seen;
    };
    expect(await statuses(2)).toEqual([200, 200]);
    await expectFault(await ask(given), {
      status: 429,
      message: "Too Many Requests",
      type: "TooManyRequestsException",
    });
    const { value: other } = await control(`/apikeys/${api.outputs.GeneratedId}?includeValue=true`);
    expect((await ask(other)).status).toBe(200);
    expect((await ask(other, "PUT")).status).toBe(200);
    expect((await ask(other, "PUT")).status).toBe(429);
    nowMs += 10_000;
    expect(await statuses(2)).toEqual([200, 200]);
    await expectFault(await ask(given), {
      status: 429,
      message: "Limit Exceeded",
      type: "LimitExceededException",
    });
    nowMs += 50_000;
    expect((await ask(given)).status).toBe(200);
  });
});
