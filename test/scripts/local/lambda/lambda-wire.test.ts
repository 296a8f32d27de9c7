import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  PublishVersionCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, startFixture } from "./fixture.ts";

let fixture: Fixture;
let server: Server;
let client: LambdaClient;

beforeAll(async () => {
  fixture = await startFixture({ asyncRetryDelaysMs: [] });
  server = createServer((request, response) => void fixture.lambda.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = new LambdaClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
});

afterAll(async () => {
  client.destroy();
  await fixture.close();
  await new Promise((resolve) => server.close(resolve));
});

describe("Invoke", () => {
  it("waits for the result, with the end of the log when asked", async () => {
    const { functionName } = fixture.deploy(
      'exports.handler = async (event) => { console.log("seen"); return { echo: event }; };',
    );
    const { StatusCode, FunctionError, LogResult, Payload, ExecutedVersion } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: '{"a":"é"}', LogType: "Tail" }),
    );
    expect({ StatusCode, FunctionError, ExecutedVersion }).toEqual({
      StatusCode: 200,
      FunctionError: undefined,
      ExecutedVersion: "$LATEST",
    });
    expect(Payload?.transformToString()).toBe('{"echo":{"a":"é"}}');
    expect(Buffer.from(LogResult ?? "", "base64").toString()).toContain("\nseen\n");
  });

  it("tells a function error from a failed call", async () => {
    const { functionName, arn } = fixture.deploy('exports.handler = async () => { throw new Error("no"); };');
    const { StatusCode, FunctionError, Payload, LogResult } = await client.send(
      new InvokeCommand({ FunctionName: arn }),
    );
    expect({ StatusCode, FunctionError, LogResult }).toEqual({
      StatusCode: 200,
      FunctionError: "Unhandled",
      LogResult: undefined,
    });
    expect(JSON.parse(Payload!.transformToString())).toMatchObject({
      errorType: "Error",
      errorMessage: "no",
    });
    expect(functionName).not.toBe(arn);
  });

  it("accepts an event at once and runs it in the background", async () => {
    const { functionName } = fixture.deploy("exports.handler = async ({ word }) => { console.log(word); };");
    const { StatusCode } = await client.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: "Event", Payload: '{"word":"later"}' }),
    );
    expect(StatusCode).toBe(202);
    await fixture.lambda.idle();
    expect(fixture.lambda.logs(functionName)).toContain("later");
  });

  it("runs nothing in a dry run", async () => {
    const { functionName } = fixture.deploy('exports.handler = async () => { console.log("ran"); };');
    const { StatusCode } = await client.send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: "DryRun" }),
    );
    expect(StatusCode).toBe(204);
    await fixture.lambda.idle();
    expect(fixture.lambda.logs(functionName)).toEqual([]);
  });

  it("refuses as Lambda does: unknown, throttled, too large, not JSON", async () => {
    const { functionName } = fixture.deploy("exports.handler = async () => 1;", { reservedConcurrency: 0 });
    const invoke = (FunctionName: string, Payload: string) =>
      client.send(new InvokeCommand({ FunctionName, Payload }));
    await expect(invoke("never", "{}")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(
      client.send(new InvokeCommand({ FunctionName: functionName, Qualifier: "live" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(invoke(functionName, "{}")).rejects.toMatchObject({
      name: "TooManyRequestsException",
      $metadata: { httpStatusCode: 429 },
    });
    await expect(invoke(functionName, `"${"x".repeat(6 * 1024 * 1024)}"`)).rejects.toMatchObject({
      name: "RequestEntityTooLargeException",
    });
    await expect(invoke(functionName, "{")).rejects.toMatchObject({ name: "InvalidRequestContentException" });
  });
});

describe("functions", () => {
  it("are described and listed", async () => {
    const { functionName, arn } = fixture.deploy("exports.handler = async () => 1;", {
      environment: { A: "1" },
      reservedConcurrency: 7,
    });
    const { Configuration, Concurrency } = await client.send(
      new GetFunctionCommand({ FunctionName: functionName }),
    );
    expect(Concurrency).toEqual({ ReservedConcurrentExecutions: 7 });
    const expected = {
      FunctionName: functionName,
      FunctionArn: arn,
      MemorySize: 256,
      Timeout: 10,
      Environment: { Variables: { A: "1" } },
      State: "Active",
    };
    expect(Configuration).toMatchObject(expected);
    expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName: arn }))).toMatchObject(
      expected,
    );
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toContain(functionName);
    await expect(client.send(new GetFunctionCommand({ FunctionName: "never" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("take a new environment, memory and timeout, within Lambda's limits", async () => {
    const { functionName } = fixture.deploy(
      "exports.handler = async (_, { memoryLimitInMB }) => [process.env.A, memoryLimitInMB];",
      {
        environment: { A: "1" },
      },
    );
    await client.send(new InvokeCommand({ FunctionName: functionName }));
    const update = {
      FunctionName: functionName,
      Environment: { Variables: { A: "2" } },
      MemorySize: 512,
      Timeout: 3,
    };
    expect(await client.send(new UpdateFunctionConfigurationCommand(update))).toMatchObject({
      MemorySize: 512,
      Timeout: 3,
    });
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: functionName }));
    expect(Payload?.transformToString()).toBe('["2","512"]');
    await expect(
      client.send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Timeout: 901 })),
    ).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringContaining("got 901"),
    });
    await expect(
      client.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: functionName, Handler: "other.handler" }),
      ),
    ).rejects.toThrow("got Handler");
  });

  it("are changed only where nobody else changed them since, if the caller asks for that", async () => {
    const { functionName: FunctionName } = fixture.deploy(`exports.handler = async () => 1;`);
    const read = new GetFunctionConfigurationCommand({ FunctionName });
    const { RevisionId } = await client.send(read);
    expect((await client.send(read)).RevisionId).toBe(RevisionId);
    const change = new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 4, RevisionId });
    const changed = await client.send(change);
    expect(changed.RevisionId).not.toBe(RevisionId);
    expect((await client.send(read)).RevisionId).toBe(changed.RevisionId);
    await expect(client.send(change)).rejects.toMatchObject({
      name: "PreconditionFailedException",
      $metadata: { httpStatusCode: 412 },
    });
  });

  it("answer an operation that is not there in Lambda's error shape", async () => {
    await expect(client.send(new PublishVersionCommand({ FunctionName: "any" }))).rejects.toMatchObject({
      name: "NotImplementedException",
      $metadata: { httpStatusCode: 501 },
    });
  });
});

describe("event-source mappings", () => {
  it("are described, listed, changed and switched off and on", async () => {
    const { functionName, arn } = fixture.deploy(
      "exports.handler = async ({ Records }) => console.log(Records.length);",
    );
    const streamArn = "arn:aws:kinesis:us-east-1:000000000000:stream/events";
    const UUID = "6b0a0a8e-6c5e-4f0e-8e0e-000000000001";
    fixture.kinesis.addShard("s0");
    fixture.lambda.createEventSourceMapping({
      uuid: UUID,
      eventSourceArn: streamArn,
      functionName: arn,
      startingPosition: "TRIM_HORIZON",
      onFailureDestinationArn: "arn:aws:s3:::parked",
    });
    expect(await client.send(new GetEventSourceMappingCommand({ UUID }))).toMatchObject({
      UUID,
      EventSourceArn: streamArn,
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${UUID}`,
      FunctionArn: arn,
      BatchSize: 100,
      MaximumRetryAttempts: -1,
      State: "Enabled",
      DestinationConfig: { OnFailure: { Destination: "arn:aws:s3:::parked" } },
      LastProcessingResult: "No records processed",
    });
    const listed = await client.send(new ListEventSourceMappingsCommand({ FunctionName: functionName }));
    expect(listed.EventSourceMappings?.map((mapping) => mapping.UUID)).toEqual([UUID]);
    const elsewhere = new ListEventSourceMappingsCommand({ EventSourceArn: `${streamArn}-other` });
    expect((await client.send(elsewhere)).EventSourceMappings).toEqual([]);

    const off = { UUID, Enabled: false, BatchSize: 2, DestinationConfig: { OnFailure: { Destination: "" } } };
    expect(await client.send(new UpdateEventSourceMappingCommand(off))).toMatchObject({
      State: "Disabled",
      BatchSize: 2,
      DestinationConfig: { OnFailure: {} },
    });
    for (const text of ["a", "b", "c"]) fixture.kinesis.put("s0", text);
    await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    await fixture.lambda.idle();
    expect(fixture.lambda.logs(functionName)).toEqual(["2", "1"]);
    expect((await client.send(new GetEventSourceMappingCommand({ UUID }))).LastProcessingResult).toBe("OK");
    const age = {
      namespace: "AWS/Lambda",
      metric: "IteratorAge",
      dimensions: { FunctionName: functionName },
    };
    expect(fixture.lambda.metrics.count(age)).toBe(2);

    await expect(
      client.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 0 })),
    ).rejects.toMatchObject({
      name: "InvalidParameterValueException",
    });
    await fixture.lambda.deleteEventSourceMapping(UUID);
    await expect(client.send(new GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});
