import { once } from "node:events";
import { connect } from "node:net";
import { DescribeTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, ListStreamsCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Cloud, startCloud } from "../../../scripts/local/cloud.ts";
import { jsonFault, slowDown, throttled } from "../../../scripts/local/faults.ts";
import type { ServiceCall } from "../../../scripts/local/service-call.ts";
import { localConfig } from "./local-config.ts";

let cloud: Cloud;
const lines: string[] = [];
beforeAll(async () => {
  cloud = await startCloud({ onLog: (_source, line) => lines.push(line) });
});
afterAll(() => cloud.stop());
afterEach(() => cloud.faults.clear());

describe("the front", () => {
  it("says what it has when a service is missing", async () => {
    const authorization = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/events/aws4_request, Signature=0";
    const headers = {
      authorization,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AWSEvents.ListRules",
    };
    const answer = await fetch(cloud.endpoint, { method: "POST", headers, body: "{}" });
    expect(await answer.json()).toMatchObject({
      __type: "UnknownOperationException",
      message: expect.stringMatching(
        /no service "events".*dynamodb, execute-api, kinesis, lambda, monitoring/,
      ),
    });
  });

  it("refuses an unsigned request and names the fix", async () => {
    const answer = await fetch(`${cloud.endpoint}/bucket/key`);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("MissingAuthenticationToken");
  });

  it("answers in the query protocol's XML when that is what came in", async () => {
    const authorization = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iam/aws4_request, Signature=0";
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetch(cloud.endpoint, { method: "POST", headers, body: "Action=ListRoles" });
    expect(answer.headers.get("content-type")).toBe("text/xml");
    expect(await answer.text()).toMatch(/^<ErrorResponse>.*<Code>UnknownOperationException<\/Code>/);
  });

  it("serves the SDK's default Kinesis client, which speaks HTTP/2, and HTTP/1.1 beside it", async () => {
    const { streamArn } = cloud.kinesis.createStream({
      streamName: "both",
      onDemand: true,
      retentionHours: 24,
    });
    const http2 = new KinesisClient(localConfig(cloud.endpoint));
    const http1 = new KinesisClient({
      ...localConfig(cloud.endpoint),
      requestHandler: new NodeHttpHandler(),
    });
    const Records = Array.from({ length: 500 }, (_, id) => ({
      PartitionKey: String(id),
      Data: Buffer.alloc(2_000, id),
    }));
    const puts = [http2, http1].flatMap((client) =>
      Array.from({ length: 3 }, () => client.send(new PutRecordsCommand({ StreamARN: streamArn, Records }))),
    );
    for (const { FailedRecordCount } of await Promise.all(puts)) expect(FailedRecordCount).toBe(0);
    for (const client of [http2, http1]) {
      expect((await client.send(new ListStreamsCommand({}))).StreamNames).toEqual(["both"]);
      client.destroy();
    }
    cloud.kinesis.deleteStream("both");
  });

  it("tells its health and knows no other page", async () => {
    const health = await fetch(`${cloud.endpoint}/_headrace/health`);
    expect(await health.json()).toMatchObject({
      status: "ok",
      services: expect.arrayContaining(["s3", "kinesis"]),
    });
    expect((await fetch(`${cloud.endpoint}/_headrace/constructor`)).status).toBe(404);
  });

  it.each(["dynamodb", "kinesis", "lambda", "s3", "sqs", "sts"])(
    "outlives a caller of %s that dies amid its request",
    async (service) => {
      const seen: string[] = [];
      cloud.faults.set((call) => {
        seen.push(call.service);
        return undefined;
      });
      const socket = connect(cloud.port, "127.0.0.1");
      const authorization = `AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/${service}/aws4_request, Signature=0`;
      const head = [
        "PUT /b/k HTTP/1.1",
        "host: localhost",
        "content-length: 99",
        `authorization: ${authorization}`,
      ];
      socket.write(
        `${head.join("\r\n")}\r\ncontent-type: application/x-amz-json-1.0\r\nx-amz-target: DynamoDB_20120810.PutItem\r\n\r\n{`,
      );
      await once(socket, "ready");
      await vi.waitFor(() => expect(seen).toContain(service));
      socket.destroy();
      await once(socket, "close");
      expect((await fetch(`${cloud.endpoint}/_headrace/health`)).status).toBe(200);
    },
  );

  it("refuses a body beyond the service's limit with the service's error, and goes on", async () => {
    const client = new DynamoDBClient({ ...localConfig(cloud.endpoint), maxAttempts: 1 });
    const TableName = "x".repeat(17 * 1024 * 1024);
    await expect(client.send(new DescribeTableCommand({ TableName }))).rejects.toMatchObject({
      name: "RequestEntityTooLarge",
      $metadata: { httpStatusCode: 413 },
    });
    await expect(client.send(new ListTablesCommand({}))).resolves.toBeDefined();
    client.destroy();
  });

  it("answers a failure of its own hook with 500, and says so in the log", async () => {
    cloud.faults.set(() => {
      throw new Error("broken hook");
    });
    const client = new DynamoDBClient({ ...localConfig(cloud.endpoint), maxAttempts: 1 });
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({ name: "InternalFailure" });
    expect(lines).toContainEqual(expect.stringContaining("front: POST / failed: broken hook"));
    client.destroy();
  });

  it("answers a request line that is no URL", async () => {
    const socket = connect(cloud.port, "127.0.0.1");
    socket.end("GET // HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it.each([
    ["another origin", { origin: "https://example.com" }],
    ["no origin of its own", { origin: "null" }],
    ["a name led to this machine", { host: "rebound.example.com" }],
  ])("refuses a web page with %s", async (_title, headers) => {
    const socket = connect(cloud.port, "127.0.0.1");
    const lines = Object.entries({ host: "localhost", ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    socket.write(`GET /_headrace/health HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 403 .*AccessDeniedException/s);
    socket.destroy();
  });

  it("refuses a port that is taken", async () => {
    await expect(startCloud({ port: cloud.port })).rejects.toThrow(/127\.0\.0\.1:\d+: it is taken/);
  });
});

describe("faults", () => {
  const once = (maxAttempts = 1) => ({ ...localConfig(cloud.endpoint), maxAttempts });

  it("throttle DynamoDB as DynamoDB does, for as long as the hook says", async () => {
    const calls: ServiceCall[] = [];
    cloud.faults.set((call) => {
      calls.push(call);
      return calls.length <= 2 ? throttled() : undefined;
    });
    const client = new DynamoDBClient(once());
    const throttling = { name: "ProvisionedThroughputExceededException", $metadata: { httpStatusCode: 400 } };
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject(throttling);
    const patient = new DynamoDBClient(once(3));
    await expect(patient.send(new ListTablesCommand({}))).resolves.toMatchObject({ TableNames: [] });
    expect(calls).toEqual(
      Array.from({ length: 3 }, () => ({ service: "dynamodb", operation: "ListTables" })),
    );
  });

  it("make S3 ask for a lower rate", async () => {
    cloud.faults.set(({ service }) => (service === "s3" ? slowDown() : undefined));
    const sent = new S3Client(once()).send(new ListBucketsCommand({}));
    await expect(sent).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
  });

  it("fail one operation and leave the others", async () => {
    cloud.faults.set(({ operation }) =>
      operation === "ListTables" ? jsonFault(500, "InternalServerError", "x") : undefined,
    );
    await expect(new DynamoDBClient(once()).send(new ListTablesCommand({}))).rejects.toThrow("x");
    await expect(new S3Client(once()).send(new ListBucketsCommand({}))).resolves.toBeDefined();
  });

  it("hang until the caller gives up", async () => {
    cloud.faults.set(() => ({ kind: "hang" }));
    const requestHandler = new NodeHttpHandler({ requestTimeout: 100, throwOnRequestTimeout: true });
    const client = new DynamoDBClient({ ...once(), requestHandler });
    await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({ name: "TimeoutError" });
  });

  it("close the connection", async () => {
    cloud.faults.set(() => ({ kind: "reset" }));
    await expect(new DynamoDBClient(once()).send(new ListTablesCommand({}))).rejects.toMatchObject({
      code: "ECONNRESET",
    });
  });
});
