import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CfnOutput, Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as s3 from "aws-cdk-lib/aws-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { awsAccess } from "../../../functions/adapters/aws/aws-access.ts";
import { objectClient, tableClient } from "../../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../../functions/adapters/aws/dynamo-ledger.ts";
import { S3PackageStore } from "../../../functions/adapters/aws/s3-package-store.ts";
import { type StateOutputs, stackName, stateOutputs } from "../../../functions/contract/stack-outputs.ts";
import { type Cloud, startCloud } from "../../../scripts/local/cloud.ts";
import { localConfig } from "../local/local-config.ts";
import { synthesise } from "../local/synthesise.ts";
import { packageFolder } from "../publish/package-folder.ts";
import { MemoryObjectStore, storeParked, storeRejects } from "./memory-object-store.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

it("publish-model publishes into a deployed stage, tells what it did, and lists what is wrong", async () => {
  const outputs = await deployStage();
  await using good = await packageFolder();
  await using bad = await packageFolder({ "model.json": (text) => text.replace("shape", "shap") });

  const first = await run("publish-model.ts", [good.path, "--json", "--by", "ada", "--why", "a test"]);
  expect(first).toMatchObject({ status: 0, stderr: "" });
  const { digest, ...published } = JSON.parse(first.stdout);
  expect(published).toMatchObject({ model: "sensor-state", outcome: "published", revision: 1, samples: 12 });

  const again = await run("publish-model.ts", [good.path]);
  expect(again.stdout).toContain(`${digest} is published already; nothing to do`);

  const failed = await run("publish-model.ts", [bad.path]);
  expect(failed.status).toBe(1);
  expect(failed.stdout).toBe("");
  expect(failed.stderr).toMatch(
    / \d problems?; nothing was published\n {2}model\.json:\d+ features\.embedding\.shap: /,
  );

  const access = awsAccess(localConfig(cloud.endpoint));
  const client = tableClient(access);
  try {
    const history = await new DynamoLedger({ client, table: outputs.LedgerTableName }).history(
      "sensor-state",
    );
    expect(history).toMatchObject([{ by: "ada", why: "a test", aliases: { champion: { digest } } }]);
    const packages = new S3PackageStore({ client: objectClient(access), bucket: outputs.ModelsBucketName });
    expect([...(await packages.read("sensor-state", digest)).keys()]).toContain("model.onnx");
  } finally {
    client.destroy();
  }
});

it("redrive puts rejected and parked originals back onto the deployed stage's stream, once", async () => {
  const outputs = await deployStage();
  const [data, parked] = [new MemoryObjectStore(), new MemoryObjectStore()];
  storeRejects(data, [
    { sequence: 1, text: "a" },
    { sequence: 3, text: "c" },
  ]);
  storeParked(parked, [{ sequence: 2, text: "b" }]);
  await upload(outputs.DataBucketName, data);
  await upload(outputs.ParkedBucketName, parked);

  expect((await run("redrive.ts", ["--dry-run"])).stdout).toBe("3 would be put back, out of 2 objects\n");
  const first = await run("redrive.ts", ["--json"]);
  expect(first.stderr).toBe("");
  expect(JSON.parse(first.stdout)).toMatchObject({ redriven: 3, before: 0, damaged: [] });
  const second = await run("redrive.ts", []);
  expect(second).toMatchObject({ status: 0, stderr: "" });
  expect(second.stdout).toBe("0 put back, out of 2 objects\n  3 skipped: put back by an earlier run\n");
  expect(await readStream(outputs.EventsStreamName)).toEqual(["key-a a", "key-b b", "key-c c"]);
});

/** The state stack's outputs over the least of resources. */
async function deployStage(): Promise<StateOutputs> {
  await cloud.reset();
  const directory = await synthesise((app) => {
    const stack = new Stack(app, stackName("dev", "State"));
    const ledger = new dynamodb.TableV2(stack, "Ledger", {
      partitionKey: { name: "model", type: dynamodb.AttributeType.STRING },
      sortKey: { name: "revision", type: dynamodb.AttributeType.NUMBER },
    });
    const stream = (id: string) =>
      new kinesis.Stream(stack, id, { streamMode: kinesis.StreamMode.PROVISIONED, shardCount: 1 });
    const bucket = (id: string) => new s3.Bucket(stack, id).bucketName;
    const outputs: StateOutputs = {
      EventsStreamName: stream("Events").streamName,
      PredictionsStreamName: stream("Predictions").streamName,
      LedgerTableName: ledger.tableName,
      PredictionsTableName: ledger.tableName,
      CacheTableName: "unused",
      TilesTableName: "unused",
      SketchesTableName: "unused",
      ModelsBucketName: bucket("Models"),
      DataBucketName: bucket("Data"),
      ParkedBucketName: bucket("Parked"),
    };
    for (const [key, value] of Object.entries(outputs)) new CfnOutput(stack, key, { value });
  });
  await cloud.deploy(directory);
  const client = new CloudFormationClient(localConfig(cloud.endpoint));
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stackName("dev", "State") }));
    const pairs = Stacks![0]!.Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
    return stateOutputs.parse(Object.fromEntries(pairs));
  } finally {
    client.destroy();
  }
}

async function upload(bucket: string, store: MemoryObjectStore): Promise<void> {
  const client = new S3Client({ ...localConfig(cloud.endpoint), forcePathStyle: true });
  for (const [Key, Body] of store.objects) {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  }
  client.destroy();
}

async function readStream(StreamName: string): Promise<string[]> {
  const client = new KinesisClient(localConfig(cloud.endpoint));
  try {
    const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName,
        ShardId: Shards![0]!.ShardId!,
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const { Records } = await client.send(new GetRecordsCommand({ ShardIterator }));
    return Records!.map(({ PartitionKey, Data }) => `${PartitionKey} ${Buffer.from(Data!)}`);
  } finally {
    client.destroy();
  }
}

/** Run a command as npm does, with the embedded cloud in its environment. */
function run(
  script: string,
  args: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
  const { PATH, HOME } = process.env;
  const options = { env: { PATH, HOME, ...cloud.environment() }, timeout: 60_000 };
  return new Promise((resolve) => {
    const file = [path(`scripts/${script}`), ...args];
    execFile(process.execPath, file, options, (error, stdout, stderr) => {
      resolve({
        status: typeof error?.code === "number" ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      });
    });
  });
}
