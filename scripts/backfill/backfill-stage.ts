import { awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, s3Client, streamClient, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { KinesisShardParents } from "../../functions/adapters/aws/kinesis-shard-parents.ts";
import { S3ConcealerKeys } from "../../functions/adapters/aws/s3-concealer-keys.ts";
import { S3ExampleStore } from "../../functions/adapters/aws/s3-example-store.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import type { Logger } from "../../functions/core/observe/logger.ts";
import { discoverStage } from "../discover.ts";
import { createS3ObjectStore } from "../redrive/object-store.ts";
import { type Backfilled, type BackfillOptions, backfill } from "./backfill.ts";
import { openPackage } from "./open-package.ts";

export interface StageBackfillOptions
  extends Pick<BackfillOptions, "fromMs" | "toMs" | "noteDamaged" | "onProgress" | "signal"> {
  /** The package's folder. */
  readonly folder: string;
  readonly stage: StageName;
  readonly withExamples: boolean;
}

export interface StageBackfilled extends Backfilled {
  readonly model: string;
  /** The version whose tiles and examples these are. */
  readonly digest: string;
}

/** Backfill a version on a deployed stage, wherever the SDK's own environment points. @throws as `backfill` and `openPackage` do */
export async function backfillStage(options: StageBackfillOptions): Promise<StageBackfilled> {
  const { folder, withExamples } = options;
  const outputs = await discoverStage(options.stage);
  const access = awsAccess();
  const [tables, s3, kinesis] = [tableClient(access), s3Client(), streamClient(access)];
  const client = objectClient(access);
  const parents = new KinesisShardParents({ client: kinesis });
  try {
    const { plan, model } = await openPackage(
      folder,
      new S3ConcealerKeys({ client, bucket: outputs.ModelsBucketName }),
    );
    try {
      const done = await backfill({
        ...options,
        model,
        data: createS3ObjectStore(s3, outputs.DataBucketName),
        tiles: new DynamoShardStateStore({ client: tables, table: outputs.TilesTableName, logger: quiet }),
        examples: withExamples ? new S3ExampleStore({ client, bucket: outputs.DataBucketName }) : undefined,
        parentsOf: (shard) => parents.parentsOf(outputs.EventsStreamName, shard),
      });
      return { ...done, model: plan.package.name, digest: plan.digest };
    } finally {
      await model.session.release();
    }
  } finally {
    tables.destroy();
    s3.destroy();
    kinesis.destroy();
  }
}

/** What could not be written is told by an error. */
const quiet: Logger = { info() {}, warn() {}, error() {} };
