import { type AwsAccessOptions, awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, s3Client, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { S3LayoutStore } from "../../functions/adapters/aws/s3-layout-store.ts";
import { S3PackageDeclarations } from "../../functions/adapters/aws/s3-package-declarations.ts";
import { S3PackageStore } from "../../functions/adapters/aws/s3-package-store.ts";
import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import type { Role } from "../../functions/contract/ledger.ts";
import type { StageName, StateOutputs } from "../../functions/contract/stack-outputs.ts";
import { discoverStage, discoverStatelessModels } from "../discover.ts";
import { createConcealerKeyMaker } from "./concealer-key-maker.ts";
import { type Published, publishPackage } from "./publish.ts";

export interface StatePublishOptions {
  /** The package's folder. */
  readonly folder: string;
  readonly alias?: Role;
  readonly by: string;
  readonly why: string;
  /** Names of the stage's models that may keep no state. @default none */
  readonly stateless?: readonly string[];
  /** Where the stage is and who asks. @default the SDK's own environment */
  readonly client?: AwsAccessOptions;
}

export interface StagePublishOptions extends Omit<StatePublishOptions, "client" | "stateless"> {
  readonly stage: StageName;
}

/** Memory that the checks' runtime is sized for, in MiB: one thread, so that sums are added in one order. */
const memoryMiB = 1769;

/**
 * Publish a package to a deployed stage, wherever the SDK's own environment points: the embedded cloud, an endpoint or an
 * account.
 *
 * @throws {ModelArtifactError} with the list of what is wrong with the package; nothing was written.
 */
export async function publishToStage({ stage, ...options }: StagePublishOptions): Promise<Published> {
  const outputs = await discoverStage(stage);
  return await publishToState(outputs, { ...options, stateless: await discoverStatelessModels(stage) });
}

/** Publish a package to a stage whose state stack is known. @throws {ModelArtifactError} as `publishToStage` does */
export async function publishToState(
  { LedgerTableName, ModelsBucketName }: StateOutputs,
  { client, ...options }: StatePublishOptions,
): Promise<Published> {
  const access = awsAccess(client);
  const tables = tableClient(access);
  const s3 = s3Client(client);
  const objects = { client: objectClient(access), bucket: ModelsBucketName };
  try {
    return await publishPackage({
      ...options,
      engine: createOrtEngine({ memoryMiB }),
      ledger: new DynamoLedger({ client: tables, table: LedgerTableName }),
      packages: new S3PackageStore(objects),
      declarations: new S3PackageDeclarations(objects),
      layouts: new S3LayoutStore(objects),
      concealerKeys: createConcealerKeyMaker(s3, ModelsBucketName),
      now: Date.now,
    });
  } finally {
    tables.destroy();
    s3.destroy();
  }
}
