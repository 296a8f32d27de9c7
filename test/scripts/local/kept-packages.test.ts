import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import * as ddb from "@aws-sdk/client-dynamodb";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, startCloud } from "../../../scripts/local/cloud.ts";
import { localConfig } from "./local-config.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

describe("the embedded S3", () => {
  const Bucket = "objects";
  let client: s3.S3Client;
  beforeAll(async () => {
    // No forcePathStyle: with an address of numbers the SDK has no other way.
    client = new s3.S3Client(localConfig(cloud.endpoint));
    await client.send(new s3.CreateBucketCommand({ Bucket }));
  });
  afterAll(() => client.destroy());

  it("gives back what was put, streamed or whole, also beyond the 11 MiB that fauxqs takes", async () => {
    for (const sizeBytes of [0, 2_000_000, 12_000_000]) {
      const body = randomBytes(sizeBytes);
      const Key = `a b/ü+${sizeBytes}.bin`;
      const Body =
        sizeBytes === 2_000_000 ? Readable.from([body.subarray(0, 999_999), body.subarray(999_999)]) : body;
      await client.send(
        new s3.PutObjectCommand({ Bucket, Key, Body, ContentLength: sizeBytes, Metadata: { who: "me" } }),
      );
      const got = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
      expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.from("nothing"))).toBe(true);
      expect(got.Metadata).toEqual({ who: "me" });
    }
  });

  it("lists by prefix in pages, in the order of the keys", async () => {
    const keys = Array.from({ length: 5 }, (_, id) => `page/${id}`);
    for (const Key of keys.toReversed())
      await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key }));
    const pages = s3.paginateListObjectsV2({ client, pageSize: 2 }, { Bucket, Prefix: "page/" });
    const listed: string[][] = [];
    for await (const { Contents = [] } of pages) listed.push(Contents.map(({ Key }) => Key ?? ""));
    expect(listed).toEqual([keys.slice(0, 2), keys.slice(2, 4), keys.slice(4)]);
  });

  it("reads a range", async () => {
    await client.send(new s3.PutObjectCommand({ Bucket, Key: "range", Body: "0123456789" }));
    const got = await client.send(new s3.GetObjectCommand({ Bucket, Key: "range", Range: "bytes=3-5" }));
    expect(await got.Body?.transformToString()).toBe("345");
  });

  it("deletes, and then has no such key", async () => {
    await client.send(new s3.PutObjectCommand({ Bucket, Key: "gone", Body: "x" }));
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key: "gone" }));
    await expect(client.send(new s3.GetObjectCommand({ Bucket, Key: "gone" }))).rejects.toMatchObject({
      name: "NoSuchKey",
    });
    const head = client.send(new s3.HeadObjectCommand({ Bucket, Key: "gone" }));
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  it("writes an object once where that is the condition, also of several writers at once", async () => {
    const put = (Body: string) =>
      client.send(new s3.PutObjectCommand({ Bucket, Key: "a key/once", Body, IfNoneMatch: "*" }));
    const writes = await Promise.allSettled(["a", "b", "c", "d"].map(put));
    const winner = writes.findIndex(({ status }) => status === "fulfilled");
    expect(writes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const write of writes)
      if (write.status === "rejected")
        expect(write.reason.name).toMatch(/^(PreconditionFailed|ConditionalRequestConflict)$/);
    await expect(put("later")).rejects.toMatchObject({
      name: "PreconditionFailed",
      $metadata: { httpStatusCode: 412 },
    });
    const got = await client.send(new s3.GetObjectCommand({ Bucket, Key: "a key/once" }));
    expect(await got.Body?.transformToString()).toBe("abcd"[winner]);
  });

  it("refuses a conditional write that it cannot honour, instead of overwriting", async () => {
    await client.send(new s3.PutObjectCommand({ Bucket, Key: "first", Body: "first" }));
    const changed = new s3.PutObjectCommand({ Bucket, Key: "first", Body: "second", IfMatch: '"other"' });
    await expect(client.send(changed)).rejects.toMatchObject({
      name: "NotImplemented",
      message: expect.stringContaining("it has GetObject"),
    });
    const got = await client.send(new s3.GetObjectCommand({ Bucket, Key: "first" }));
    expect(await got.Body?.transformToString()).toBe("first");
  });

  it("refuses a sub-resource that it does not have, and tells the region", async () => {
    await expect(client.send(new s3.GetBucketVersioningCommand({ Bucket }))).rejects.toMatchObject({
      name: "NotImplemented",
    });
    const location = await client.send(new s3.GetBucketLocationCommand({ Bucket }));
    expect(location.LocationConstraint ?? "").toBe("");
  });
});

describe("the embedded DynamoDB", () => {
  const TableName = "flights";
  let client: ddb.DynamoDBClient;
  beforeAll(async () => {
    client = new ddb.DynamoDBClient(localConfig(cloud.endpoint));
    await client.send(
      new ddb.CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "N" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      }),
    );
    await ddb.waitUntilTableExists({ client, maxWaitTime: 5, minDelay: 1 }, { TableName });
  });
  afterAll(() => client.destroy());

  it("puts an item once when told so", async () => {
    const put = (value: string) =>
      client.send(
        new ddb.PutItemCommand({
          TableName,
          Item: { pk: { S: "once" }, sk: { N: "1" }, value: { S: value } },
          ConditionExpression: "attribute_not_exists(pk)",
        }),
      );
    await put("first");
    await expect(put("second")).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    const { Item } = await client.send(
      new ddb.GetItemCommand({ TableName, Key: { pk: { S: "once" }, sk: { N: "1" } } }),
    );
    expect(Item?.value).toEqual({ S: "first" });
  });

  it("queries a range of one key in numeric order", async () => {
    const item = (id: number) => ({ PutRequest: { Item: { pk: { S: "q" }, sk: { N: String(id) } } } });
    const RequestItems = { [TableName]: [10, 2, -1, 33, 5].map(item) };
    await client.send(new ddb.BatchWriteItemCommand({ RequestItems }));
    const { Items = [] } = await client.send(
      new ddb.QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues: { ":pk": { S: "q" }, ":from": { N: "0" }, ":to": { N: "32" } },
      }),
    );
    expect(Items.map(({ sk }) => sk?.N)).toEqual(["2", "5", "10"]);
  });

  it("records time to live until the table goes", async () => {
    const describeIt = async () =>
      (await client.send(new ddb.DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
    expect(await describeIt()).toEqual({ TimeToLiveStatus: "DISABLED" });
    const TimeToLiveSpecification = { AttributeName: "expires", Enabled: true };
    await client.send(new ddb.UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    expect(await describeIt()).toEqual({ AttributeName: "expires", TimeToLiveStatus: "ENABLED" });
    await client.send(
      new ddb.UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { ...TimeToLiveSpecification, Enabled: false },
      }),
    );
    expect(await describeIt()).toEqual({ TimeToLiveStatus: "DISABLED" });
  });

  it("says what it lacks", async () => {
    const transaction = new ddb.TransactGetItemsCommand({
      TransactItems: [{ Get: { TableName, Key: { pk: { S: "a" } } } }],
    });
    await expect(client.send(transaction)).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: expect.stringMatching(/has no TransactGetItems; it has BatchGetItem/),
    });
  });
});

describe("the embedded SNS and SQS", () => {
  it("deliver what is published to a queue that subscribed", async () => {
    const topics = new sns.SNSClient(localConfig(cloud.endpoint));
    const queues = new sqs.SQSClient(localConfig(cloud.endpoint));
    const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: "alarms" }));
    expect(QueueUrl).toBe(`${cloud.endpoint}/000000000000/alarms`);
    const { TopicArn } = await topics.send(new sns.CreateTopicCommand({ Name: "alarms" }));
    const Endpoint = "arn:aws:sqs:us-east-1:000000000000:alarms";
    await topics.send(new sns.SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
    await topics.send(new sns.PublishCommand({ TopicArn, Message: "<late> & loud" }));
    const { Messages = [] } = await queues.send(
      new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }),
    );
    expect(Messages.map(({ Body }) => JSON.parse(Body ?? "{}").Message)).toEqual(["<late> & loud"]);
    topics.destroy();
    queues.destroy();
  });
});

describe("the embedded STS", () => {
  it("says who is calling", async () => {
    const client = new STSClient(localConfig(cloud.endpoint));
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: "000000000000" });
    client.destroy();
  });
});
