import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { CfnOutput, Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as kinesis from "aws-cdk-lib/aws-kinesis";
import * as s3 from "aws-cdk-lib/aws-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { MemoryLogger } from "../../functions/adapters/memory/memory-logger.ts";
import { type StateOutputs, stackName } from "../../functions/contract/stack-outputs.ts";
import { saveAccuracy } from "../../functions/core/outcome/accuracy-store.ts";
import { markOf } from "../../functions/core/state/mark.ts";
import { type Cloud, startCloud } from "../../scripts/local/cloud.ts";
import { localConfig } from "./local/local-config.ts";
import { synthesise } from "./local/synthesise.ts";
import { declare, packageFolder } from "./publish/package-folder.ts";

const outcome = {
  on: { type: "inspection" },
  id: "reading",
  label: { from: "state", classes: ["idle", "running", "worn"] },
  output: "scores",
  within: "1d",
};
const names = { events: "events", sketches: "sketches" };
let cloud: Cloud;

beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

it("import-outcomes puts a file's outcomes on the stage's stream and tells which lines it left out", async () => {
  await deployStage();
  const folder = await mkdtemp(join(tmpdir(), "headrace-outcomes-"));
  try {
    const file = join(folder, "truth.jsonl");
    const line = (eventId: string, data: string) =>
      JSON.stringify({
        groundTruthData: { data, encoding: "CSV" },
        eventMetadata: { eventId },
        eventVersion: "0",
      });
    await writeFile(
      file,
      `${line("r-1", "worn")}\nnonsense\n\n${line("r-2", "idle")}\n${line("r-3", "lost")}\n`,
    );
    const imported = await run("import-outcomes.ts", ["sensor-state", file, "--time", "2001-01-31"]);
    expect(imported.stdout).toBe("2 outcomes put on the events stream, 2 lines left out\n");
    expect(imported.status).toBe(1);
    expect(imported.stderr).toMatch(/^line 2: got no JSON, .*\nline 5: outcome label: got "lost" at .*\n$/);
    const time = "2001-01-31T00:00:00.000Z";
    expect(await readStream(names.events)).toEqual([
      { $outcome: { model: "sensor-state", id: "r-1", label: "worn", time } },
      { $outcome: { model: "sensor-state", id: "r-2", label: "idle", time } },
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("import-outcomes says what is wrong with how it is called", async () => {
  await deployStage();
  expect((await run("import-outcomes.ts", ["other", "-"])).stderr).toContain(
    'model "other": has no champion',
  );
  expect((await run("import-outcomes.ts", ["sensor-state"])).stderr).toContain("expected a model and a file");
  expect((await run("import-outcomes.ts", ["sensor-state", "-", "--time", "soon"])).stderr).toContain(
    '--time: got "soon", expected a day or time',
  );
});

it("accuracy prints what is kept of the span asked for", async () => {
  await deployStage();
  const client = tableClient(awsAccess(localConfig(cloud.endpoint)));
  try {
    const store = new DynamoShardStateStore({ client, table: names.sketches, logger: new MemoryLogger() });
    const hours = ["2001-01-30T05", "2001-01-31T05", "2001-01-31T06"];
    await saveAccuracy({
      ...{ store, model: "sensor-state", shard: "shardId-000000000000", expiresAt: 4_000_000_000 },
      outcomes: hours.map((hour, i) => ({
        ...{ hour, role: "champion", digest: "d".repeat(64), mark: markOf(String(i), 0) },
        scored: { kind: "classes", scores: [0.2, 0.2, 0.6], label: i },
      })),
    });
  } finally {
    client.destroy();
  }
  const all = await run("accuracy.ts", ["sensor-state", "--by", "day"]);
  expect(all).toMatchObject({ status: 0, stderr: "" });
  expect(all.stdout.split("\n").map((line) => line.trim().split(/ {2,}/).slice(0, 2))).toEqual([
    ["sensor-state champion dddddddddddd"],
    ["events of, UTC", "outcomes"],
    ["2001-01-30", "1"],
    ["2001-01-31", "2"],
    ["all", "3"],
    [""],
  ]);
  const some = await run("accuracy.ts", [
    "sensor-state",
    "--from",
    "2001-01-31",
    "--to",
    "2001-01-31T05:59:59Z",
    "--json",
  ]);
  expect(JSON.parse(some.stdout)).toMatchObject({
    model: "sensor-state",
    series: [{ role: "champion", total: { count: 1 }, spans: [{ begins: "2001-01-31T05" }] }],
  });
  expect((await run("accuracy.ts", ["other"])).stdout).toContain("other: no outcome has been joined");
});

it("accuracy says what is wrong with how it is called", async () => {
  expect((await run("accuracy.ts", [])).stderr).toContain("got 0 arguments, expected a model");
  expect((await run("accuracy.ts", ["m", "--by", "week"])).stderr).toContain(
    '--by: got "week", allowed: hour, day',
  );
  expect((await run("accuracy.ts", ["m", "--from", "2001-02-31"])).stderr).toContain(
    '--from: got "2001-02-31"',
  );
});

/** A stage with one model, which has an outcome. */
async function deployStage(): Promise<void> {
  await cloud.reset();
  await cloud.deploy(await synthesise((app) => defineState(new Stack(app, stackName("dev", "State")))));
  await using folder = await packageFolder(declare({ outcome }));
  expect(await run("publish-model.ts", [folder.path])).toMatchObject({ status: 0, stderr: "" });
}

/** The state stack's outputs over the least of resources. */
function defineState(stack: Stack): void {
  const table = (id: string, pk: string, [sk, type]: [string, dynamodb.AttributeType], tableName?: string) =>
    new dynamodb.TableV2(stack, id, {
      ...(tableName !== undefined && { tableName }),
      partitionKey: { name: pk, type: dynamodb.AttributeType.STRING },
      sortKey: { name: sk, type },
    }).tableName;
  const stream = (id: string, streamName: string) =>
    new kinesis.Stream(stack, id, { streamName, streamMode: kinesis.StreamMode.PROVISIONED, shardCount: 1 })
      .streamName;
  const bucket = (id: string) => new s3.Bucket(stack, id).bucketName;
  const outputs: StateOutputs = {
    EventsStreamName: stream("Events", names.events),
    PredictionsStreamName: "unused",
    LedgerTableName: table("Ledger", "model", ["revision", dynamodb.AttributeType.NUMBER]),
    PredictionsTableName: "unused",
    CacheTableName: "unused",
    TilesTableName: "unused",
    SketchesTableName: table("Sketches", "pk", ["sk", dynamodb.AttributeType.STRING], names.sketches),
    ModelsBucketName: bucket("Models"),
    DataBucketName: "unused",
    ParkedBucketName: "unused",
  };
  for (const [key, value] of Object.entries(outputs)) new CfnOutput(stack, key, { value });
}

async function readStream(StreamName: string): Promise<unknown[]> {
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
    const events = Records!.map(({ Data }) => Buffer.from(Data!).toString());
    return events.sort().map((event) => JSON.parse(event));
  } finally {
    client.destroy();
  }
}

/** Run a command as npm does, with the embedded cloud in its environment. */
function run(
  script: string,
  args: readonly string[],
): Promise<{ status: number; stdout: string; stderr: string }> {
  const file = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
  const { PATH, HOME } = process.env;
  const options = { env: { PATH, HOME, ...cloud.environment() }, timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) => {
      const status = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      resolve({ status, stdout, stderr });
    });
  });
}
