import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { S3Client } from "@aws-sdk/client-s3";
import {
  type AwsAccess,
  type AwsAccessOptions,
  awsAccess,
} from "../../../functions/adapters/aws/aws-access.ts";
import {
  dynamoClient,
  kinesisClient,
  s3Client,
  tableClient,
} from "../../../functions/adapters/aws/clients.ts";
import type { TableClient } from "../../../functions/adapters/aws/table-client.ts";
import type { StateOutputs } from "../../../functions/contract/stack-outputs.ts";
import type { ApiAccess } from "../../../scripts/https/api-access.ts";
import type { Cloud } from "../../../scripts/local/cloud.ts";
import { openStream, type StreamRecords } from "./stream-records.ts";

/** A deployed stage with everything a test reaches it by. */
export interface Stage extends AsyncDisposable {
  readonly outputs: StateOutputs;
  readonly kinesis: KinesisClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  /** What the stores reach it by. */
  readonly access: AwsAccess;
  readonly tables: TableClient;
  /** Where it answers over HTTPS. */
  readonly api: ApiAccess;
  /** Variables by which a child process' SDK finds it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Everything put on the predictions stream since the stage was opened. */
  readonly predictions: StreamRecords;
  /** @throws {Error} unless the target has the capability `faults` or `metrics`. */
  readonly cloud: Cloud;
  /** The newest lines that functions wrote, where the target can tell. */
  recentLog(): string;
}

export interface StageParts {
  readonly outputs: StateOutputs;
  readonly api: ApiAccess;
  readonly environment: Readonly<Record<string, string>>;
  /** Where it is and who asks; the SDK's own environment where absent. */
  readonly client: AwsAccessOptions;
  readonly cloud?: Cloud;
  readonly recentLog: () => string;
  readonly close: () => Promise<void>;
}

export async function makeStage({ client, cloud, close, ...parts }: StageParts): Promise<Stage> {
  // The adapters' clients never repeat a call by themselves; a test has nobody else to do it.
  const config = { ...client, maxAttempts: 4 };
  const [kinesis, dynamodb, s3] = [kinesisClient(config), dynamoClient(config), s3Client(config)];
  const access = awsAccess(client);
  const tables = tableClient(access);
  const predictions = await openStream(kinesis, parts.outputs.PredictionsStreamName);
  return {
    ...parts,
    kinesis,
    dynamodb,
    s3,
    access,
    tables,
    predictions,
    get cloud() {
      if (cloud === undefined)
        throw new Error("the target is not the embedded cloud; state what the test needs");
      return cloud;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of [kinesis, dynamodb, s3, tables]) each.destroy();
      await close();
    },
  };
}
