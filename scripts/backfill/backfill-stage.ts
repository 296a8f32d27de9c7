import { awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, s3Client, streamClient, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { KinesisShardParents } from "../../functions/adapters/aws/kinesis-shard-parents.ts";
import type { ObjectClient } from "../../functions/adapters/aws/object-client.ts";
import { S3ConcealerKeys } from "../../functions/adapters/aws/s3-concealer-keys.ts";
import { S3ExampleStore } from "../../functions/adapters/aws/s3-example-store.ts";
import { S3PackageStore } from "../../functions/adapters/aws/s3-package-store.ts";
import type { TableClient } from "../../functions/adapters/aws/table-client.ts";
import type { StageName, StateOutputs } from "../../functions/contract/stack-outputs.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import type { Logger } from "../../functions/core/observe/logger.ts";
import { versionOf } from "../../functions/core/rollout/version-of.ts";
import { discoverStage } from "../discover.ts";
import { createS3ObjectStore } from "../redrive/object-store.ts";
import { requireHistory } from "../rollout/pick-model.ts";
import { type Backfilled, type BackfillOptions, backfill } from "./backfill.ts";
import { openPackage, openPublished } from "./open-package.ts";

export interface StageBackfillOptions
  extends Pick<BackfillOptions, "fromMs" | "toMs" | "noteDamaged" | "onProgress" | "signal"> {
  /** The package's folder, or a published version as `<model>@<digest>`. */
  readonly source: string;
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
  const { source, withExamples } = options;
  const outputs = await discoverStage(options.stage);
  const access = awsAccess();
  const [tables, s3, kinesis] = [tableClient(access), s3Client(), streamClient(access)];
  const client = objectClient(access);
  const parents = new KinesisShardParents({ client: kinesis });
  try {
    const model = await openSource(source, outputs, { client, tables });
    try {
      const done = await backfill({
        ...options,
        model,
        data: createS3ObjectStore(s3, outputs.DataBucketName),
        tiles: new DynamoShardStateStore({ client: tables, table: outputs.TilesTableName, logger: quiet }),
        examples: withExamples ? new S3ExampleStore({ client, bucket: outputs.DataBucketName }) : undefined,
        parentsOf: (shard) => parents.parentsOf(outputs.EventsStreamName, shard),
      });
      return { ...done, model: model.package.name, digest: model.digest };
    } finally {
      await model.session.release();
    }
  } finally {
    tables.destroy();
    s3.destroy();
    kinesis.destroy();
  }
}

/** First digits of a digest are enough; a folder of such a name is meant by `./` before it. */
const published = /^([a-z][a-z0-9-]{0,62})@([0-9a-f]{6,64})$/;

async function openSource(
  source: string,
  { ModelsBucketName: bucket, LedgerTableName: table }: StateOutputs,
  { client, tables }: { readonly client: ObjectClient; readonly tables: TableClient },
): Promise<LoadedModel> {
  const keys = new S3ConcealerKeys({ client, bucket });
  const [, model, digits] = published.exec(source) ?? [];
  if (model === undefined || digits === undefined) return (await openPackage(source, keys)).model;
  const history = await requireHistory(new DynamoLedger({ client: tables, table }), model);
  const version = { model, digest: versionOf(history, digits) };
  return await openPublished(new S3PackageStore({ client, bucket }), version, keys);
}

/** What could not be written is told by an error. */
const quiet: Logger = { info() {}, warn() {}, error() {} };
