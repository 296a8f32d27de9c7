import { type App, CfnResource, Stack } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startCloud } from "../../../../scripts/local/cloud.ts";
import { synthesise } from "../synthesise.ts";
import { answering, type StartedApi, startApi } from "./started-api.ts";

let nowMs = 0;
let api: StartedApi;
beforeAll(async () => {
  api = await startApi(
    (stack, handler) => {
      const restApi = new apigateway.RestApi(stack, "RestApi", {
        deployOptions: {
          throttlingRateLimit: 1,
          throttlingBurstLimit: 2,
          methodOptions: { "/often/GET": { throttlingRateLimit: 1000, throttlingBurstLimit: 1000 } },
        },
      });
      restApi.addGatewayResponse("Throttled", {
        type: apigateway.ResponseType.THROTTLED,
        statusCode: "503",
        responseHeaders: { "Retry-After": "'1'" },
        templates: {
          "application/problem+json": '{"title":$context.error.messageString,"id":"$context.requestId"}',
        },
      });
      restApi.addGatewayResponse("Others", {
        type: apigateway.ResponseType.DEFAULT_4XX,
        responseHeaders: { "Access-Control-Allow-Origin": "'*'" },
      });
      const integration = new apigateway.LambdaIntegration(handler);
      for (const path of ["seldom", "other", "often"]) {
        restApi.root.addResource(path).addMethod("GET", integration);
      }
      restApi.root.addMethod("GET", integration);
      const row = restApi.addModel("Row", { schema: { type: apigateway.JsonSchemaType.NUMBER } });
      const rows = restApi.addModel("Rows", {
        schema: {
          type: apigateway.JsonSchemaType.ARRAY,
          items: {
            ref: `https://apigateway.amazonaws.com/restapis/${restApi.restApiId}/models/${row.modelId}`,
          },
        },
      });
      restApi.root.getResource("often")?.addMethod("POST", integration, {
        requestModels: { $default: rows },
        requestValidatorOptions: { validateRequestBody: true },
      });
      return restApi;
    },
    { apiGateway: { now: () => nowMs } },
  );
});
afterAll(() => api.close());

describe("a stage's throttle", () => {
  const statuses = async (path: string, count: number) => {
    const answers: Response[] = [];
    for (let i = 0; i < count; i += 1) answers.push(await fetch(api.url + path));
    return answers.map(({ status }) => status);
  };

  it("counts each method for itself, and yields to the method's own", async () => {
    expect(await statuses("/seldom", 3)).toEqual([200, 200, 503]);
    expect(await statuses("/other", 3)).toEqual([200, 200, 503]);
    expect(await statuses("/", 3)).toEqual([200, 200, 503]);
    expect(await statuses("/often", 5)).toEqual([200, 200, 200, 200, 200]);
    nowMs += 1000;
    expect(await statuses("/seldom", 2)).toEqual([200, 503]);
  });
});

describe("a gateway response", () => {
  it("gives a fault the API's own status, headers and body", async () => {
    let answer = await fetch(`${api.url}/other`);
    while (answer.status === 200) answer = await fetch(`${api.url}/other`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    const id = answer.headers.get("x-amzn-requestid");
    expect(await answer.json()).toEqual({ title: "Too Many Requests", id });
  });

  it("of the type DEFAULT_4XX stands for all that have none of their own, with their own status", async () => {
    const answer = await fetch(`${api.url}/nope`);
    expect([answer.status, await answer.text()]).toEqual([403, '{"message":"Missing Authentication Token"}']);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const broken = await fetch(`${api.url}/often`, { headers: answering([]) });
    expect(broken.status).toBe(502);
    expect(broken.headers.has("access-control-allow-origin")).toBe(false);
  });
});

describe("the data plane", () => {
  const post = (body: string | Buffer<ArrayBuffer>) =>
    fetch(`${api.url}/often`, { method: "POST", body, headers: { "content-type": "text/csv" } });

  it("checks a body of any type by the $default model, and follows its references", async () => {
    nowMs += 10_000;
    expect((await post("[1,2]")).status).toBe(200);
    expect((await post('[1,"2"]')).status).toBe(400);
  });

  it("answers 413 when the gateway takes a body that the function cannot be given", async () => {
    nowMs += 10_000;
    const answer = await post(`[${"1,".repeat(3_200_000)}1]`);
    expect([answer.status, await answer.json()]).toEqual([413, { message: "Request Too Long" }]);
  });

  it("passes the place where failing dependencies are simulated, and goes on after it", async () => {
    onTestFinished(() => api.cloud.faults.clear());
    api.cloud.faults.set(({ service, operation }) =>
      service === "execute-api" && operation === "Invoke" ? { kind: "reset" } : undefined,
    );
    await expect(fetch(`${api.url}/often`)).rejects.toThrow("fetch failed");
    api.cloud.faults.clear();
    expect((await fetch(`${api.url}/often`)).status).toBe(200);
  });

  it("refuses a web page of another origin, as the whole cloud does", async () => {
    const answer = await fetch(`${api.url}/often`, { headers: { origin: "https://example.com" } });
    expect(answer.headers.get("x-amzn-errortype")).toBe("AccessDeniedException");
  });

  it("is gone after a reset", async () => {
    await api.cloud.reset();
    expect((await fetch(`${api.url}/often`)).status).toBe(403);
  });
});

describe("deploying an API that the embedded cloud cannot serve", () => {
  const mock = { Type: "MOCK", RequestTemplates: { "application/json": "{ statusCode: 200 }" } };
  const method = (properties: Record<string, unknown>) => (stack: Stack, restApi: CfnResource) =>
    new CfnResource(stack, "Method", {
      type: "AWS::ApiGateway::Method",
      properties: {
        RestApiId: restApi.ref,
        ResourceId: restApi.getAtt("RootResourceId"),
        HttpMethod: "GET",
        Integration: mock,
        ...properties,
      },
    });
  const resource =
    (type: string, properties: Record<string, unknown>) => (stack: Stack, restApi: CfnResource) =>
      new CfnResource(stack, type.split("::")[2] ?? "", {
        type,
        properties: { RestApiId: restApi.ref, ...properties },
      });

  it.each([
    ["an HTTP integration", method({ Integration: { Type: "HTTP_PROXY" } }), /AWS_PROXY .*or MOCK/],
    [
      "a streaming integration",
      method({
        Integration: {
          Type: "AWS_PROXY",
          Uri: "arn:aws:apigateway:x:lambda:path/2021-11-15/functions/arn:f/y",
        },
      }),
      /got the integration arn:.*expected arn:aws:apigateway/,
    ],
    ["an authorizer", method({ AuthorizationType: "CUSTOM" }), /NONE or AWS_IAM/],
    [
      "a mapping of headers",
      method({
        Integration: {
          ...mock,
          IntegrationResponses: [
            {
              StatusCode: "200",
              ResponseParameters: { "method.response.header.a": "integration.response.header.b" },
            },
          ],
        },
      }),
      /only quoted texts/,
    ],
    [
      "a mapping template",
      resource("AWS::ApiGateway::GatewayResponse", {
        ResponseType: "DEFAULT_4XX",
        ResponseTemplates: { "application/json": "$input.json('$')" },
      }),
      /mapping templates are not supported, got \$input/,
    ],
    ["no method", resource("AWS::ApiGateway::Deployment", {}), /doesn't contain any methods/],
    [
      "a key that is too short",
      resource("AWS::ApiGateway::ApiKey", { Value: "short" }),
      /API Key value should be 20 to 128 characters, got 5/,
    ],
  ])("with %s fails with the reason", async (_title, add, reason) => {
    const directory = await synthesise((app: App) => {
      const stack = new Stack(app, "Odd");
      const properties = { Name: "odd" };
      add(stack, new CfnResource(stack, "RestApi", { type: "AWS::ApiGateway::RestApi", properties }));
    });
    const cloud = await startCloud();
    onTestFinished(() => cloud.stop());
    await expect(cloud.deploy(directory)).rejects.toThrow(reason);
  });
});
