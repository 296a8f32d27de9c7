import { request as httpRequest } from "node:http";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kinesisOperations } from "../../../../scripts/local/kinesis/operations.ts";
import { maxRequestBytes } from "../../../../scripts/local/kinesis/wire.ts";
import { serveKinesis } from "./serve-kinesis.ts";

const json = "application/x-amz-json-1.1";

async function post(
  endpoint: string,
  operation: string,
  body: string | Uint8Array<ArrayBuffer>,
  contentType: string = json,
) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { "content-type": contentType, "x-amz-target": `Kinesis_20131202.${operation}` },
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, errorType: errorTypeOf(text) };
}

function errorTypeOf(text: string): string | undefined {
  return text === "" ? undefined : (JSON.parse(text) as { __type?: string }).__type;
}

describe("the wire", () => {
  it("answers an error in AWS's shape, with its type in the header as well", async () => {
    const { endpoint } = await serveKinesis();
    const answer = await post(endpoint, "DescribeStream", `{"StreamName":"missing"}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("x-amzn-errortype")).toBe("ResourceNotFoundException");
    expect(answer.headers.get("content-type")).toBe(json);
    expect(answer.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(answer.text)).toEqual({
      __type: "ResourceNotFoundException",
      message: "Stream missing under account 000000000000 not found.",
    });
  });

  it("answers an operation without output with an empty body", async () => {
    const { endpoint } = await serveKinesis();
    expect(await post(endpoint, "CreateStream", `{"StreamName":"s","ShardCount":1}`)).toMatchObject({
      status: 200,
      text: "",
    });
  });

  it("takes null members for absent ones, and members it does not know for nothing", async () => {
    const { endpoint } = await serveKinesis();
    const answer = await post(endpoint, "ListStreams", `{"Limit":null,"NextToken":null,"Later":1}`);
    expect(answer.status).toBe(200);
  });

  it.each([
    ["SubscribeToShard", "{}", json, "UnknownOperationException"],
    ["constructor", "{}", json, "UnknownOperationException"],
    ["ListStreams", "{", json, "SerializationException"],
    ["ListStreams", "[]", json, "SerializationException"],
    ["ListStreams", `{"Limit":"1"}`, json, "SerializationException"],
    ["ListStreams", `{"Limit":0}`, json, "ValidationException"],
    ["PutRecord", `{"StreamName":"s","PartitionKey":"k","Data":"%%%%"}`, json, "SerializationException"],
    ["PutRecord", `{"StreamName":"s","PartitionKey":"k","Data":"eA"}`, json, "SerializationException"],
    ["PutRecord", `{"StreamName":"s","PartitionKey":1,"Data":"eA=="}`, json, "SerializationException"],
    ["PutRecords", `{"StreamName":"s","Records":[null]}`, json, "SerializationException"],
    ["PutRecords", `{"StreamName":"s","Records":[{}]}`, json, "ValidationException"],
    ["ListStreams", "\xbf\xff", "application/x-amz-cbor-1.1", "SerializationException"],
  ])("answers %s of %s as %s with %s", async (operation, body, contentType, errorType) => {
    const { endpoint, kinesis } = await serveKinesis();
    kinesis.createStream({ streamName: "s", onDemand: true, retentionHours: 24 });
    const answer = await post(endpoint, operation, body, contentType);
    expect(answer).toMatchObject({ status: 400, errorType });
  });

  it("names what is lacking", async () => {
    const { endpoint } = await serveKinesis();
    expect((await post(endpoint, "SubscribeToShard", "{}")).text).toContain("SubscribeToShard");
    expect((await post(endpoint, "ListStreams", "", "application/x-amz-cbor-1.1")).text).toContain(json);
  });

  it("takes bodies up to its limit only, and lives on after a client that hangs up", async () => {
    const { endpoint } = await serveKinesis();
    const tooLarge = await post(endpoint, "ListStreams", new Uint8Array(maxRequestBytes + 1));
    expect(tooLarge).toMatchObject({ status: 413, errorType: "RequestEntityTooLargeException" });
    const hangsUp = httpRequest(endpoint, { method: "POST", headers: { "content-length": "100" } });
    const gone = new Promise((resolve) => hangsUp.on("error", resolve));
    hangsUp.write("{", () => hangsUp.destroy(new Error("hung up")));
    await gone;
    expect((await post(endpoint, "ListStreams", "{}")).status).toBe(200);
  });

  it("answers any JSON, to any operation, with AWS's client faults at worst", async () => {
    const { endpoint, kinesis } = await serveKinesis();
    const names = [...kinesisOperations.keys()];
    const members = fc.dictionary(
      fc.constantFrom(
        ...[
          "StreamName",
          "StreamARN",
          "Records",
          "Data",
          "PartitionKey",
          "ExplicitHashKey",
          "ShardId",
          "Limit",
        ],
        ...["ShardIterator", "ShardIteratorType", "NextToken", "Tags", "ShardFilter", "StreamModeDetails"],
      ),
      fc.oneof(fc.jsonValue(), fc.constantFrom("s", "shardId-000000000000", "LATEST", "eA==", 1)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.oneof(members, fc.jsonValue()), async (name, input) => {
        if (![...streamNames(kinesis)].includes("s")) {
          kinesis.createStream({ streamName: "s", onDemand: true, retentionHours: 24 });
        }
        const answer = await post(endpoint, name, JSON.stringify(input));
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 400) expect(answer.errorType).toMatch(/Exception$/);
      }),
      { numRuns: 300 },
    );
  });
});

function streamNames(kinesis: { describe(name: string): { streamName: string } }): string[] {
  try {
    return [kinesis.describe("s").streamName];
  } catch {
    // The fuzz deleted it.
    return [];
  }
}
