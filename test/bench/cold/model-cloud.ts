import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import { CreateStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { awsAccess } from "../../../functions/adapters/aws/aws-access.ts";
import {
  dynamoClient,
  kinesisClient,
  objectClient,
  s3Client,
  tableClient,
} from "../../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../../functions/adapters/aws/dynamo-ledger.ts";
import { S3PackageStore } from "../../../functions/adapters/aws/s3-package-store.ts";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import type { StreamEnv } from "../../../functions/contract/env.ts";
import { startCloud } from "../../../scripts/local/cloud.ts";
import { publishPackage } from "../../../scripts/publish/publish.ts";

/** The embedded cloud with one published model, for functions that run in processes of their own. */
export interface ModelCloud {
  /** What a stream function finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The predictions put on the stream so far: at most 10,000. */
  readPredictions(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const names = { ledger: "ledger", models: "models", predictions: "predictions" } as const;

export async function startModelCloud(folder: string): Promise<ModelCloud> {
  const cloud = await startCloud();
  const config = {
    endpoint: cloud.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const access = awsAccess(config);
  const tables = tableClient(access);
  const [dynamodb, s3, kinesis] = [dynamoClient(config), s3Client(config), kinesisClient(config)];
  const stop = async () => {
    for (const client of [tables, dynamodb, s3, kinesis]) client.destroy();
    await cloud.stop();
  };
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: names.ledger,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: "model", KeyType: "HASH" },
          { AttributeName: "revision", KeyType: "RANGE" },
        ],
        AttributeDefinitions: [
          { AttributeName: "model", AttributeType: "S" },
          { AttributeName: "revision", AttributeType: "N" },
        ],
      }),
    );
    await s3.send(new CreateBucketCommand({ Bucket: names.models }));
    await kinesis.send(new CreateStreamCommand({ StreamName: names.predictions, ShardCount: 1 }));
    const { plan } = await publishPackage({
      folder,
      engine: createOrtEngine({ memoryMiB: 1_769 }),
      ledger: new DynamoLedger({ client: tables, table: names.ledger }),
      packages: new S3PackageStore({ client: objectClient(access), bucket: names.models }),
      by: "bench",
      why: "bench",
      now: Date.now,
    });
    const environment: StreamEnv = {
      HEADRACE_STAGE: "dev",
      HEADRACE_MODEL: plan.package.name,
      HEADRACE_LEDGER_TABLE: names.ledger,
      HEADRACE_MODELS_BUCKET: names.models,
      HEADRACE_PREDICTIONS_TABLE: "unused",
      HEADRACE_CACHE_TABLE: "unused",
      HEADRACE_TILES_TABLE: "unused",
      HEADRACE_SKETCHES_TABLE: "unused",
      HEADRACE_EVENTS_STREAM: "unused",
      HEADRACE_PREDICTIONS_STREAM: names.predictions,
      HEADRACE_DATA_BUCKET: "unused",
      HEADRACE_PREDICTION_DAYS: "1",
    };
    return { environment: { ...cloud.environment(), ...environment }, readPredictions, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function readPredictions(): Promise<readonly string[]> {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: names.predictions,
        ShardId: "shardId-000000000000",
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 10_000 }));
    return Records.map(({ Data }) => Buffer.from(Data!).toString("utf8"));
  }
}
