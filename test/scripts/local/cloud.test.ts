import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { type App, CfnOutput, Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { KinesisEventSource, S3OnFailureDestination } from "aws-cdk-lib/aws-lambda-event-sources";
import * as s3 from "aws-cdk-lib/aws-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Cloud, startCloud } from "../../../scripts/local/cloud.ts";
import { localConfig } from "./local-config.ts";
import { synthesise, temporaryDirectory } from "./synthesise.ts";

/** Writes each record to the table by the endpoint and names that its environment gives, without an SDK. */
const functionSource = `
const { label } = require("a-layer-module");
exports.handler = async ({ Records }) => {
  for (const { kinesis } of Records) {
    const text = Buffer.from(kinesis.data, "base64").toString();
    if (text === "poison") throw new Error("got poison");
    const answer = await fetch(process.env.AWS_ENDPOINT_URL, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.PutItem",
        "x-amz-date": "20260101T000000Z",
        authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: JSON.stringify({ TableName: process.env.TABLE, Item: { pk: { S: label(text) } } }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
};`;

async function writeApp(): Promise<(app: App) => void> {
  const source = await temporaryDirectory();
  const moduleDirectory = join(source, "layer", "nodejs", "node_modules", "a-layer-module");
  await mkdir(join(source, "code"));
  await mkdir(moduleDirectory, { recursive: true });
  await writeFile(join(source, "code", "index.js"), functionSource);
  await writeFile(join(moduleDirectory, "index.js"), 'exports.label = (text) => "seen " + text;');
  return (app) => {
    const state = new Stack(app, "State");
    const stream = new kinesis.Stream(state, "Events", { streamMode: kinesis.StreamMode.ON_DEMAND });
    const partitionKey = { name: "pk", type: dynamodb.AttributeType.STRING };
    const table = new dynamodb.TableV2(state, "Seen", { partitionKey });
    const parked = new s3.Bucket(state, "Parked");
    const serving = new Stack(app, "Serving");
    const fn = new lambda.Function(serving, "Function", {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: lambda.Code.fromAsset(join(source, "code")),
      layers: [
        new lambda.LayerVersion(serving, "Layer", { code: lambda.Code.fromAsset(join(source, "layer")) }),
      ],
      environment: { TABLE: table.tableName },
    });
    table.grantWriteData(fn);
    fn.addEventSource(
      new KinesisEventSource(stream, {
        startingPosition: lambda.StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        bisectBatchOnError: true,
        retryAttempts: 5,
        onFailure: new S3OnFailureDestination(parked),
      }),
    );
    const values = { Stream: stream.streamName, Table: table.tableName, Parked: parked.bucketName };
    for (const [id, value] of Object.entries(values)) new CfnOutput(serving, id, { value });
  };
}

describe("the embedded cloud", () => {
  it("runs a synthesised app: records in, function and layer between, items out, what failed parked", async () => {
    const directory = await synthesise(await writeApp());
    const cloud = await startCloud({ lambda: { backoff: { baseMs: 1, capMs: 5 } } });
    onTestFinished(() => cloud.stop());
    const { outputs } = await cloud.deploy(directory);
    const names = outputs.Serving ?? {};
    const texts = Array.from({ length: 200 }, (_, id) => `event ${id}`);
    await put(cloud, names.Stream, texts.toSpliced(100, 0, "poison"));
    await cloud.lambda.idle();

    const tables = new DynamoDBClient(localConfig(cloud.endpoint));
    const { Items = [] } = await tables.send(new ScanCommand({ TableName: names.Table }));
    expect(Items.map(({ pk }) => pk?.S).toSorted()).toEqual(texts.map((text) => `seen ${text}`).toSorted());
    const buckets = new S3Client(localConfig(cloud.endpoint));
    const { Contents = [] } = await buckets.send(new ListObjectsV2Command({ Bucket: names.Parked }));
    expect(Contents).toHaveLength(1);
    const { Body } = await buckets.send(
      new GetObjectCommand({ Bucket: names.Parked, Key: Contents[0]?.Key }),
    );
    const { payload } = JSON.parse((await Body?.transformToString()) ?? "{}");
    const parked = JSON.parse(payload).Records.map(({ kinesis }: { kinesis: { data: string } }) =>
      Buffer.from(kinesis.data, "base64").toString(),
    );
    expect(parked).toEqual(["poison"]);
    for (const client of [tables, buckets]) client.destroy();
  });

  it("forgets everything on reset, keeps its address, and can be deployed to again", async () => {
    const directory = await synthesise(await writeApp());
    const cloud = await startCloud();
    onTestFinished(() => cloud.stop());
    const first = await cloud.deploy(directory);
    cloud.faults.set(() => ({ kind: "reset" }));
    await cloud.reset();
    const buckets = new S3Client(localConfig(cloud.endpoint));
    const listed = buckets.send(new ListObjectsV2Command({ Bucket: first.outputs.Serving?.Parked }));
    await expect(listed).rejects.toMatchObject({ name: "NoSuchBucket" });
    expect(cloud.lambda.listFunctions()).toEqual([]);
    const second = await cloud.deploy(directory);
    await put(cloud, second.outputs.Serving?.Stream, ["again"]);
    await cloud.lambda.idle();
    const tables = new DynamoDBClient(localConfig(cloud.endpoint));
    const { Count } = await tables.send(new ScanCommand({ TableName: second.outputs.Serving?.Table }));
    expect(Count).toBe(1);
    for (const client of [tables, buckets]) client.destroy();
  });

  it("tells a child process how to find it", async () => {
    const cloud = await startCloud();
    onTestFinished(() => cloud.stop());
    expect(cloud.environment()).toEqual({
      AWS_ENDPOINT_URL: `http://127.0.0.1:${cloud.port}`,
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    });
  });

  it("leaves no process, timer, socket or file behind: a script that stops it ends by itself", async () => {
    const directory = await synthesise(await writeApp());
    const temporary = await temporaryDirectory();
    const script = join(temporary, "script.mts");
    const home = await temporaryDirectory();
    await writeFile(
      script,
      `import { once } from "node:events";
       import { connect } from "node:net";
       import { startCloud } from ${JSON.stringify(join(import.meta.dirname, "../../../scripts/local/cloud.ts"))};
       const cloud = await startCloud();
       const { outputs } = await cloud.deploy(${JSON.stringify(directory)});
       cloud.kinesis.describe(outputs.Serving.Stream);
       await cloud.lambda.invoke(cloud.lambda.listFunctions()[0].functionName, JSON.stringify({ Records: [] }));
       const idle = connect(cloud.port, "127.0.0.1");
       idle.write("GET /_headrace/health HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n");
       await once(idle, "data");
       await Promise.all([cloud.stop(), cloud.stop()]);
       await fetch(cloud.endpoint).then(() => console.log("still answers"), () => console.log("stopped"));`,
    );
    const environment = { ...process.env, TMPDIR: home, TEMP: home, TMP: home };
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      env: environment,
      timeout: 10_000,
    });
    expect(stdout).toBe("stopped\n");
    expect(await readdir(home)).toEqual([]);
  });
});

async function put(cloud: Cloud, StreamName: string | undefined, texts: readonly string[]): Promise<void> {
  const client = new KinesisClient({ ...localConfig(cloud.endpoint), requestHandler: new NodeHttpHandler() });
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
  const { FailedRecordCount } = await client.send(new PutRecordsCommand({ StreamName, Records }));
  expect(FailedRecordCount).toBe(0);
  client.destroy();
}
