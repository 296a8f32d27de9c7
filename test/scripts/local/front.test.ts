import { CloudWatchClient, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, ListStreamsCommand, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, startCloud } from "../../../scripts/local/cloud.ts";
import { jsonFault, slowDown, throttled } from "../../../scripts/local/faults.ts";
import type { ServiceCall } from "../../../scripts/local/service-call.ts";
import { localConfig } from "./local-config.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());
afterEach(() => cloud.faults.clear());

describe("the front", () => {
  it("says what it has when a service is missing", async () => {
    const client = new CloudWatchClient(localConfig(cloud.endpoint));
    await expect(client.send(new ListMetricsCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: expect.stringMatching(/no service "monitoring".*dynamodb, kinesis, lambda/),
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
