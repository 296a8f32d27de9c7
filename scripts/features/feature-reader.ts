import { type AwsAccessOptions, awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { S3ConcealerKeys } from "../../functions/adapters/aws/s3-concealer-keys.ts";
import { S3PackageStore } from "../../functions/adapters/aws/s3-package-store.ts";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import type { StateOutputs } from "../../functions/contract/stack-outputs.ts";
import { loadModel } from "../../functions/core/inference/loaded-model.ts";
import type { Logger } from "../../functions/core/observe/logger.ts";
import { createChampionReader } from "../../functions/core/rollout/champion.ts";
import { createViewReader } from "../../functions/predict/view-reader.ts";
import { type EventFeatures, explainFeatures } from "./explain-features.ts";

/** Says what a model gets of events, as of now. */
export interface FeatureReader extends AsyncDisposable {
  /** @throws as `explainFeatures` does; one event at a time. */
  read(event: Buffer): Promise<EventFeatures>;
}

export interface FeatureReaderOptions {
  readonly model: string;
  /** Where the stage is and who asks. @default the SDK's own environment */
  readonly client?: AwsAccessOptions;
  /** Epoch milliseconds. @default the system's clock */
  readonly now?: () => number;
}

/**
 * Open a model's champion, as it stands now, to read the features of events by it.
 *
 * @throws {ModelNotFoundError} when the stage has no champion of that name.
 * @throws {ModelArtifactError} when the champion cannot be loaded.
 * @throws {DependencyError} when the stage cannot be read.
 */
export async function openFeatureReader(
  { LedgerTableName, ModelsBucketName, TilesTableName }: StateOutputs,
  { model, client, now = Date.now }: FeatureReaderOptions,
): Promise<FeatureReader> {
  const access = awsAccess(client);
  const dynamo = tableClient(access);
  const objects = { client: objectClient(access), bucket: ModelsBucketName };
  const ledger = new DynamoLedger({ client: dynamo, table: LedgerTableName });
  try {
    const digest = await createChampionReader({ model, ledger, nowMs: now }).read();
    const loaded = await loadModel(digest, await new S3PackageStore(objects).read(model, digest), {
      engine: createOrtEngine({ memoryMiB }),
      concealerKeys: new S3ConcealerKeys(objects),
      nowMs: () => performance.now(),
    });
    const viewsOf = createViewReader(
      new DynamoShardStateStore({ client: dynamo, table: TilesTableName, logger: silent }),
      now,
    );
    return {
      read: async (event) =>
        await explainFeatures(event, { model: loaded, views: await viewsOf(loaded), nowMs: now() }),
      [Symbol.asyncDispose]: async () => {
        dynamo.destroy();
        await loaded.session.release();
      },
    };
  } catch (error) {
    dynamo.destroy();
    throw error;
  }
}

/** Sized for one thread, as publishing is: a sample must come out as it did there. */
const memoryMiB = 1769;
/** Only writes that fail are logged, and nothing is written. */
const silent: Logger = { info() {}, warn() {}, error() {} };
