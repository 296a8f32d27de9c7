import { type AwsAccessOptions, awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, s3Client, streamClient, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { KinesisShardParents } from "../../functions/adapters/aws/kinesis-shard-parents.ts";
import { S3ConcealerKeys } from "../../functions/adapters/aws/s3-concealer-keys.ts";
import { S3PackageDeclarations } from "../../functions/adapters/aws/s3-package-declarations.ts";
import { S3PackageStore } from "../../functions/adapters/aws/s3-package-store.ts";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import type { StageName, StateOutputs } from "../../functions/contract/stack-outputs.ts";
import type { Logger } from "../../functions/core/observe/logger.ts";
import type { Ledger } from "../../functions/core/rollout/ledger.ts";
import type { ParentsOf } from "../../functions/core/state/shard-clock.ts";
import type { ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import { discoverStage } from "../discover.ts";
import { createS3ObjectStore, type ObjectStore } from "../redrive/object-store.ts";
import type { MoveCheckOptions } from "./move-check.ts";

/** What of a deployed stage the aliases of its models are moved with. */
export interface RolloutStage
  extends Pick<MoveCheckOptions, "packages" | "declarations" | "engine" | "concealerKeys" | "tiles"> {
  readonly ledger: Ledger;
  /** Verdicts, accuracy and sketches. */
  readonly sketches: ShardStateStore;
  /** The data bucket, which holds the archive. */
  readonly data: Pick<ObjectStore, "list" | "get">;
  /** The shards that one of the events' stream was split or merged from. */
  readonly parentsOf: ParentsOf;
  close(): void;
}

/** Memory that the checks' runtime is sized for, in MiB: one thread, so that sums are added in one order. */
const memoryMiB = 1769;

/** Open a deployed stage, wherever the SDK's own environment points. */
export async function openStage(stage: StageName): Promise<RolloutStage> {
  return openState(await discoverStage(stage));
}

/** Open a stage whose state stack is known. @param client - where it is and who asks. @default the SDK's own environment */
export function openState(outputs: StateOutputs, client?: AwsAccessOptions): RolloutStage {
  const access = awsAccess(client);
  const [tables, s3, kinesis] = [tableClient(access), s3Client(client), streamClient(access)];
  const parents = new KinesisShardParents({ client: kinesis });
  const objects = { client: objectClient(access), bucket: outputs.ModelsBucketName };
  const state = (table: string) => new DynamoShardStateStore({ client: tables, table, logger: quiet });
  return {
    ledger: new DynamoLedger({ client: tables, table: outputs.LedgerTableName }),
    packages: new S3PackageStore(objects),
    declarations: new S3PackageDeclarations(objects),
    concealerKeys: new S3ConcealerKeys(objects),
    engine: createOrtEngine({ memoryMiB }),
    tiles: state(outputs.TilesTableName),
    sketches: state(outputs.SketchesTableName),
    data: createS3ObjectStore(s3, outputs.DataBucketName),
    parentsOf: (shard) => parents.parentsOf(outputs.EventsStreamName, shard),
    close() {
      kinesis.destroy();
      tables.destroy();
      s3.destroy();
    },
  };
}

/** What could not be written is told by an error. */
const quiet: Logger = { info() {}, warn() {}, error() {} };
