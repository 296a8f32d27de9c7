import {
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type PutRecordsOutput,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AwsAccess, awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { isTransient } from "../../../../functions/adapters/aws/aws-errors.ts";
import { kinesisClient, streamClient } from "../../../../functions/adapters/aws/clients.ts";
import type { HttpPost } from "../../../../functions/adapters/aws/http-sender.ts";
import type { JsonError } from "../../../../functions/adapters/aws/json-error.ts";
import { createStreamClient } from "../../../../functions/adapters/aws/stream-client.ts";
import { jsonFault, throttled } from "../../../../scripts/local/faults.ts";
import { createKinesis } from "../../../../scripts/local/kinesis/kinesis.ts";
import { readRecords } from "./read-records.ts";
import { serveAws } from "./serve-aws.ts";

const StreamName = "stream";

/** An embedded Kinesis with one stream, asked by our client and by the SDK's. */
async function serve({ shardCount = 2, throttle = false } = {}) {
  const kinesis = createKinesis({ clock: () => 0, throttle });
  kinesis.createStream({ streamName: StreamName, shardCount, onDemand: false, retentionHours: 24 });
  const served = await serveAws(kinesis);
  const [streams, sdk] = [streamClient(awsAccess(served.config)), kinesisClient(served.config)];
  onTestFinished(() => {
    for (const each of [streams, sdk]) each.destroy();
  });
  return { served, streams, sdk };
}

/** A client whose every request is answered by `{}`, and what it sent. */
function answered(access: Partial<AwsAccess>) {
  const posts: HttpPost[] = [];
  const sender = {
    async post(post: HttpPost) {
      posts.push(post);
      return { status: 200, headers: {}, text: "{}", sends: 1 };
    },
    destroy() {},
  };
  const credentials = { accessKeyId: "a", secretAccessKey: "s" };
  const given = { ...awsAccess({ region: "eu-central-1", credentials }), ...access };
  return { posts, client: createStreamClient({ access: given, sender, now: () => 0 }) };
}

const failureOf = (call: Promise<unknown>): Promise<JsonError> =>
  call.then(
    () => expect.fail("got an answer"),
    (error) => error as JsonError,
  );

const listOf = async (sdk: KinesisClient, input: object) => {
  const { $metadata: _, ...output } = await sdk.send(new ListShardsCommand({ StreamName, ...input }));
  return output;
};

describe("a stream client", () => {
  it("puts records of any bytes, which the SDK's client reads as they were", async () => {
    const { streams, sdk } = await serve();
    const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i).buffer);
    const texts = ["", "é ✈", '{"a":"\\u0000"}'];
    const Records = [
      ...texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: `é "${text}` })),
      // A view into bytes that are not its own.
      { Data: bytes.subarray(5, 9), PartitionKey: "view" },
    ];
    const { Records: results, FailedRecordCount } = await streams.putRecords({ StreamName, Records });
    expect(FailedRecordCount).toBe(0);
    expect(results).toEqual(
      Records.map(() => ({
        ShardId: expect.stringMatching(/^shardId-\d{12}$/),
        SequenceNumber: expect.stringMatching(/^\d+$/),
      })),
    );
    const stands = (await readRecords(sdk, StreamName)).map(({ key, body }) => `${key} ${body}`).sort();
    expect(stands).toEqual(
      Records.map(({ Data, PartitionKey }) => `${PartitionKey} ${Data.toString()}`).sort(),
    );
  });

  it("tells of each record that a call did not take what the SDK's client does", async () => {
    const Records = Array.from({ length: 3 }, (_, i) => ({
      Data: Buffer.alloc(500_000),
      PartitionKey: `${i}`,
    }));
    const input = { StreamName, Records };
    const [one, other] = [
      await serve({ shardCount: 1, throttle: true }),
      await serve({ shardCount: 1, throttle: true }),
    ];
    const ours = await one.streams.putRecords(input);
    const theirs = await other.sdk.send(new PutRecordsCommand(input));
    const codes = ({ Records: each }: PutRecordsOutput) => each!.map(({ ErrorCode }) => ErrorCode);
    expect(ours.FailedRecordCount).toBe(1);
    expect(theirs.FailedRecordCount).toBe(1);
    expect(codes(ours)).toEqual([undefined, undefined, "ProvisionedThroughputExceededException"]);
    expect(codes(theirs)).toEqual(codes(ours));
  });

  it("lists the shards that the SDK's client lists, from page to page", async () => {
    const { streams, sdk } = await serve({ shardCount: 3 });
    expect(await streams.listShards({ StreamName })).toEqual(await listOf(sdk, {}));
    const first = await streams.listShards({ StreamName, MaxResults: 2 });
    expect(first.Shards).toEqual((await listOf(sdk, { MaxResults: 2 })).Shards);
    const { Shards, NextToken } = await streams.listShards({ NextToken: first.NextToken });
    expect(Shards?.map(({ ShardId }) => ShardId)).toEqual(["shardId-000000000002"]);
    expect(NextToken).toBeUndefined();
  });

  it("throws what Kinesis answers by its name and status, as the SDK's client does", async () => {
    const { streams, sdk } = await serve();
    const input = { StreamName: "nowhere" };
    const [ours, theirs] = [
      await failureOf(streams.listShards(input)),
      await failureOf(sdk.send(new ListShardsCommand(input))),
    ];
    expect([ours.name, ours.message]).toEqual([theirs.name, theirs.message]);
    expect(ours).toMatchObject({ name: "ResourceNotFoundException", $metadata: { httpStatusCode: 400 } });
  });

  it.each([
    [throttled(), "ProvisionedThroughputExceededException", true],
    [jsonFault(400, "KMSThrottlingException", "slower"), "KMSThrottlingException", true],
    [jsonFault(500, "InternalFailure", "down"), "InternalFailure", true],
    [{ ...throttled(), statusCode: 503, body: "<html>busy" }, "Unknown", true],
    [jsonFault(400, "AccessDeniedException", "no"), "AccessDeniedException", false],
    [jsonFault(400, "InvalidArgumentException", "no"), "InvalidArgumentException", false],
  ] as const)("knows which of Kinesis' refusals pass: %o", async (fault, name, transient) => {
    const { served, streams } = await serve();
    served.fault = () => fault;
    const error = await failureOf(streams.putRecords({ StreamName, Records: [] }));
    expect([error.name, isTransient(error)]).toEqual([name, transient]);
  });

  it("sends a request once more over a kept connection that was closed", async () => {
    const { served, streams } = await serve();
    await streams.listShards({ StreamName });
    served.fault = (_operation, count) => (count === 1 ? { kind: "reset" } : undefined);
    expect((await streams.listShards({ StreamName })).Shards).toHaveLength(2);
    expect(served.operations).toEqual(Array(3).fill("ListShards"));
  });

  it.each([
    [undefined, "eu-central-1", "https: kinesis.eu-central-1.amazonaws.com undefined /"],
    [undefined, "cn-north-1", "https: kinesis.cn-north-1.amazonaws.com.cn undefined /"],
    ["http://127.0.0.1:4566", "us-east-1", "http: 127.0.0.1 4566 /"],
  ])("asks at %s in %s", async (endpoint, region, expected) => {
    const asked: string[] = [];
    const { posts, client } = answered({
      region: async () => region,
      endpointOf(service) {
        asked.push(service);
        return endpoint;
      },
    });
    await client.putRecords({ StreamName, Records: [] });
    const { protocol, hostname, port, path, headers } = posts[0]!;
    expect(`${protocol} ${hostname} ${port} ${path}`).toBe(expected);
    expect(asked).toEqual(["KINESIS"]);
    expect(headers).toMatchObject({
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "Kinesis_20131202.PutRecords",
      authorization: expect.stringContaining(`/19700101/${region}/kinesis/aws4_request`),
    });
  });
});
