import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DecreaseStreamRetentionPeriodCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  IncreaseStreamRetentionPeriodCommand,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  RegisterStreamConsumerCommand,
  StartStreamEncryptionCommand,
  StopStreamEncryptionCommand,
  UpdateStreamModeCommand,
} from "@aws-sdk/client-kinesis";
import { describe, expect, it } from "vitest";
import { iteratorOf, put, serveKinesis, serveStream } from "../serve-kinesis.ts";

describe("streams", () => {
  it("are created on demand with four shards, and provisioned with as many as asked for", async () => {
    const { client } = await serveKinesis();
    await client.send(
      new CreateStreamCommand({ StreamName: "a", StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
    );
    await client.send(new CreateStreamCommand({ StreamName: "b", ShardCount: 3, Tags: { team: "rates" } }));
    const summaries = await Promise.all(
      ["a", "b"].map((StreamName) => client.send(new DescribeStreamSummaryCommand({ StreamName }))),
    );
    expect(summaries.map((one) => one.StreamDescriptionSummary)).toMatchObject([
      { OpenShardCount: 4, StreamModeDetails: { StreamMode: "ON_DEMAND" }, StreamStatus: "ACTIVE" },
      { OpenShardCount: 3, StreamModeDetails: { StreamMode: "PROVISIONED" }, RetentionPeriodHours: 24 },
    ]);
    const tags = await client.send(new ListTagsForStreamCommand({ StreamName: "b" }));
    expect(tags.Tags).toEqual([{ Key: "team", Value: "rates" }]);
  });

  it("are listed in order of name, page by page", async () => {
    const { client, kinesis } = await serveKinesis();
    for (const streamName of ["c", "a", "b"]) {
      kinesis.createStream({ streamName, onDemand: true, retentionHours: 24 });
    }
    const first = await client.send(new ListStreamsCommand({ Limit: 2 }));
    expect(first).toMatchObject({ StreamNames: ["a", "b"], HasMoreStreams: true });
    const second = await client.send(new ListStreamsCommand({ NextToken: first.NextToken }));
    expect(second).toMatchObject({ StreamNames: ["c"], HasMoreStreams: false });
  });

  it("are found by ARN as well as by name, and missing ones are not found by either", async () => {
    const { client, streamArn } = await serveStream();
    const found = await client.send(new DescribeStreamSummaryCommand({ StreamARN: streamArn }));
    expect(found.StreamDescriptionSummary?.StreamName).toBe("s");
    const elsewhere = streamArn.replace("us-east-1", "eu-west-1");
    for (const reference of [{ StreamName: "t" }, { StreamARN: `${streamArn}t` }, { StreamARN: elsewhere }]) {
      await expect(client.send(new DescribeStreamSummaryCommand(reference))).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        message: expect.stringContaining("not found"),
      });
    }
  });

  it("cannot be created twice, and end with everything in them", async () => {
    const { client, kinesis, streamArn } = await serveStream();
    await expect(
      client.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1 })),
    ).rejects.toMatchObject({
      name: "ResourceInUseException",
    });
    const iterator = await iteratorOf(client, { ShardIteratorType: "LATEST" });
    const cursor = kinesis.openCursor(streamArn, "shardId-000000000000", { type: "TRIM_HORIZON" });
    const waiting = cursor.waitForData(AbortSignal.timeout(5000));
    await client.send(new DeleteStreamCommand({ StreamName: "s" }));
    await waiting;
    expect(cursor.read(1)).toEqual({ records: [], ended: true });
    await client.send(new CreateStreamCommand({ StreamName: "s", ShardCount: 1 }));
    await expect(client.send(new GetRecordsCommand({ ShardIterator: iterator }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("keep their tags, retention, encryption and mode", async () => {
    const { client, kinesis, streamArn } = await serveStream();
    const StreamName = "s";
    await client.send(new AddTagsToStreamCommand({ StreamName, Tags: { a: "1", b: "2" } }));
    await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
    await client.send(
      new StartStreamEncryptionCommand({ StreamName, EncryptionType: "KMS", KeyId: "alias/k" }),
    );
    await client.send(
      new UpdateStreamModeCommand({ StreamARN: streamArn, StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
    );
    expect(kinesis.describe("s")).toMatchObject({
      tags: { a: "1", b: "2" },
      retentionHours: 48,
      encryptionKeyId: "alias/k",
      onDemand: true,
    });
    expect((await put(client, "x")).EncryptionType).toBe("KMS");
    await client.send(
      new StopStreamEncryptionCommand({ StreamName, EncryptionType: "KMS", KeyId: "alias/k" }),
    );
    await client.send(new DecreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 24 }));
    expect(kinesis.describe("s")).toMatchObject({ retentionHours: 24, encryptionKeyId: undefined });
    for (const RetentionPeriodHours of [23, 8761]) {
      await expect(
        client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours })),
      ).rejects.toMatchObject({ name: "InvalidArgumentException" });
    }
  });

  it("record their consumers", async () => {
    const { client, streamArn } = await serveStream();
    const registered = await client.send(
      new RegisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: "c" }),
    );
    const ConsumerARN = registered.Consumer!.ConsumerARN!;
    expect(ConsumerARN).toMatch(/:stream\/s\/consumer\/c:\d+$/);
    const described = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
    expect(described.ConsumerDescription).toMatchObject({ ConsumerStatus: "ACTIVE", StreamARN: streamArn });
    await client.send(new RegisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: "d" }));
    const page = await client.send(new ListStreamConsumersCommand({ StreamARN: streamArn, MaxResults: 1 }));
    const rest = await client.send(
      new ListStreamConsumersCommand({ StreamARN: streamArn, NextToken: page.NextToken }),
    );
    expect([...page.Consumers!, ...rest.Consumers!].map((one) => one.ConsumerName)).toEqual(["c", "d"]);
    await client.send(new DeregisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: "c" }));
    await expect(client.send(new DescribeStreamConsumerCommand({ ConsumerARN }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});
