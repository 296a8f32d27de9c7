import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { describe, expect, it, onTestFinished } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { isTransient } from "../../../../functions/adapters/aws/aws-errors.ts";
import { functionClient } from "../../../../functions/adapters/aws/clients.ts";
import type { JsonError } from "../../../../functions/adapters/aws/json-error.ts";
import { LambdaFunctionEnvironment } from "../../../../functions/adapters/aws/lambda-function-environment.ts";
import { ConflictError, DependencyError } from "../../../../functions/core/errors.ts";
import { instantRetry } from "./serve-aws.ts";

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly signedFor: string | undefined;
  readonly invocationType: string | undefined;
  readonly body: unknown;
}

interface Answer {
  readonly status?: number;
  readonly errorType?: string;
  readonly body: object;
}

/** Something that answers as Lambda does, in turn and then with the last, asked by our client and by the SDK's. */
async function serve(...answers: readonly Answer[]) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    asked.push(await read(request));
    const { status = 200, errorType, body } = answers[asked.length - 1] ?? answers.at(-1)!;
    if (errorType !== undefined) response.setHeader("x-amzn-errortype", errorType);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const config = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const [client, sdk] = [functionClient(awsAccess(config)), new LambdaClient({ ...config, maxAttempts: 1 })];
  onTestFinished(async () => {
    for (const each of [client, sdk]) each.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const retry = instantRetry();
  return { asked, client, sdk, retry, environment: new LambdaFunctionEnvironment({ client, retry }) };
}

async function read(request: IncomingMessage): Promise<Asked> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const { method, url, headers } = request;
  const signedFor = /Credential=test\/\d+\/(\S+),/.exec(headers.authorization ?? "")?.[1];
  const invocationType = headers["x-amz-invocation-type"] as string | undefined;
  return { method, url, signedFor, invocationType, body: text === "" ? undefined : JSON.parse(text) };
}

const configuration = {
  FunctionName: "f",
  RevisionId: "r",
  MemorySize: 256,
  Environment: { Variables: { A: "é", B: "" } },
};
const refused = (status: number, errorType: string): Answer => ({
  ...{ status, errorType: `${errorType}:http://internal.amazon.com/coral/` },
  body: { Type: "User", message: "no" },
});

describe("a function client", () => {
  it("asks what the SDK's client asks, and reads the answer as it does", async () => {
    const { asked, client, sdk } = await serve({ body: configuration });
    const change = { Environment: { Variables: { A: "é", C: '"' } }, RevisionId: "r" };
    const ours = [await client.getConfiguration("a_f-1"), await client.updateConfiguration("a_f-1", change)];
    const FunctionName = "a_f-1";
    const theirs = [
      await sdk.send(new GetFunctionConfigurationCommand({ FunctionName })),
      await sdk.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change })),
    ];
    expect(asked.slice(0, 2)).toEqual(asked.slice(2));
    expect(asked[1]).toEqual({
      method: "PUT",
      url: "/2015-03-31/functions/a_f-1/configuration",
      signedFor: "us-east-1/lambda/aws4_request",
      body: change,
    });
    expect(ours).toEqual(theirs.map(({ $metadata: _, ...each }) => each));
  });

  it("invokes asynchronously as the SDK's client does, and takes only a queued invocation for an answer", async () => {
    const { asked, client, sdk } = await serve(
      { status: 202, body: {} },
      { status: 202, body: {} },
      { body: {} },
    );
    const payload = { rows: "é" };
    await client.invokeAsync("a_f-1", JSON.stringify(payload));
    await sdk.send(
      new InvokeCommand({
        FunctionName: "a_f-1",
        InvocationType: "Event",
        Payload: Buffer.from(JSON.stringify(payload)),
      }),
    );
    expect(asked[0]).toEqual(asked[1]);
    expect(asked[0]).toMatchObject({
      url: "/2015-03-31/functions/a_f-1/invocations",
      invocationType: "Event",
      body: payload,
    });
    await expect(client.invokeAsync("a_f-1", "{}")).rejects.toThrow(/answered 200/);
  });

  it("gives an invocation up when it is told to", async () => {
    const { client } = await serve({ status: 202, body: {} });
    const abortSignal = AbortSignal.abort(new Error("no time left"));
    await expect(client.invokeAsync("f", "{}", { abortSignal })).rejects.toThrow("no time left");
  });

  it.each([
    [404, "ResourceNotFoundException", false],
    [409, "ResourceConflictException", false],
    [412, "PreconditionFailedException", false],
    [429, "TooManyRequestsException", true],
    [500, "ServiceException", true],
  ])(
    "throws what Lambda answers by its name and status, as the SDK's does: %i %s",
    async (status, name, transient) => {
      const { client, sdk } = await serve(refused(status, name));
      const ours: JsonError = await client.getConfiguration("f").catch((error) => error);
      const theirs = await sdk
        .send(new GetFunctionConfigurationCommand({ FunctionName: "f" }))
        .catch((error) => error);
      expect([ours.name, ours.message, ours.$metadata.httpStatusCode]).toEqual([name, "no", status]);
      expect(theirs.name).toBe(name);
      expect(isTransient(ours)).toBe(transient);
    },
  );
});

describe("the environment of Lambda functions", () => {
  it("is read with its revision, and replaced where that is still the newest", async () => {
    const { asked, environment } = await serve({ body: configuration });
    expect(await environment.read("f")).toEqual({ variables: { A: "é", B: "" }, revision: "r" });
    await environment.replace("f", { variables: { A: "1" }, revision: "r" });
    expect(asked[1]?.body).toEqual({ Environment: { Variables: { A: "1" } }, RevisionId: "r" });
  });

  it("is empty for a function that has no variables", async () => {
    const { environment } = await serve({ body: { RevisionId: "r" } });
    expect(await environment.read("f")).toEqual({ variables: {}, revision: "r" });
  });

  it("is not taken for empty where it is hidden: writing would lose it", async () => {
    const hidden = { ErrorCode: "AccessDeniedException", Message: "the key is not yours" };
    const { environment } = await serve({ body: { RevisionId: "r", Environment: { Error: hidden } } });
    await expect(environment.read("f")).rejects.toThrow(DependencyError);
    await expect(environment.read("f")).rejects.toThrow("AccessDeniedException");
  });

  it.each([
    ["is being changed", refused(409, "ResourceConflictException")],
    ["was changed", refused(412, "PreconditionFailedException")],
  ])("is not replaced when it %s, which is a conflict and tried once", async (_title, answer) => {
    const { asked, environment } = await serve(answer);
    await expect(environment.replace("f", { variables: {}, revision: "r" })).rejects.toThrow(ConflictError);
    expect(asked).toHaveLength(1);
  });

  it("is asked for again after a throttle, and fails for good where the function is gone", async () => {
    const throttled = await serve(refused(429, "TooManyRequestsException"), { body: configuration });
    expect((await throttled.environment.read("f")).revision).toBe("r");
    expect(throttled.retry.waitsMs).toHaveLength(1);
    const gone = await serve(refused(404, "ResourceNotFoundException"));
    await expect(gone.environment.read("f")).rejects.toThrow(DependencyError);
    expect(gone.asked).toHaveLength(1);
  });
});
