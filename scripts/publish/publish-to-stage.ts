import { type AwsAccessOptions, awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { objectClient, s3Client } from "../../functions/adapters/aws/clients.ts";
import { S3LayoutStore } from "../../functions/adapters/aws/s3-layout-store.ts";
import type { Role } from "../../functions/contract/ledger.ts";
import type { StageName, StateOutputs } from "../../functions/contract/stack-outputs.ts";
import { discoverStage, discoverStatelessModels } from "../discover.ts";
import { backfillCommand } from "../rollout/backfill-command.ts";
import { createMoveCheck } from "../rollout/move-check.ts";
import { openState } from "../rollout/open-stage.ts";
import { createConcealerKeyMaker } from "./concealer-key-maker.ts";
import { type Published, publishPackage } from "./publish.ts";

export interface StatePublishOptions {
  /** The package's folder. */
  readonly folder: string;
  readonly alias?: Role;
  /** As challenger and as shadow, from 0 to 1. @default as `publishPackage` has it */
  readonly share?: number;
  readonly sample?: number;
  /** Whether an alias may move although the version's views lack tiles. @default false */
  readonly isColdAllowed?: boolean;
  readonly by: string;
  readonly why: string;
  /** What commands call the stage. @default dev */
  readonly stage?: StageName;
  /** Names of the stage's models that may keep no state. @default none */
  readonly stateless?: readonly string[];
  /** Where the stage is and who asks. @default the SDK's own environment */
  readonly client?: AwsAccessOptions;
}

export interface StagePublishOptions extends Omit<StatePublishOptions, "client" | "stateless"> {
  readonly stage: StageName;
}

/**
 * Publish a package to a deployed stage, wherever the SDK's own environment points: the embedded cloud, an endpoint or an
 * account.
 *
 * @throws {ModelArtifactError} with the list of what is wrong with the package; nothing was written.
 * @throws {ConfigError} `config.model` when an alias cannot move to it.
 */
export async function publishToStage(options: StagePublishOptions): Promise<Published> {
  const { stage } = options;
  const outputs = await discoverStage(stage);
  return await publishToState(outputs, { ...options, stateless: await discoverStatelessModels(stage) });
}

/** Publish a package to a stage whose state stack is known. @throws {ModelArtifactError} as `publishToStage` does */
export async function publishToState(
  outputs: StateOutputs,
  { client, stage = "dev", isColdAllowed = false, ...options }: StatePublishOptions,
): Promise<Published> {
  const bucket = outputs.ModelsBucketName;
  const s3 = s3Client(client);
  const state = openState(outputs, client);
  try {
    return await publishPackage({
      ...options,
      engine: state.engine,
      ledger: state.ledger,
      packages: state.packages,
      declarations: state.declarations,
      layouts: new S3LayoutStore({ client: objectClient(awsAccess(client)), bucket }),
      concealerKeys: createConcealerKeyMaker(s3, bucket),
      check: createMoveCheck({
        ...{ ...state, isColdAllowed, now: Date.now },
        backfillCommand: (_, from) => backfillCommand(options.folder, from, stage),
      }),
      now: Date.now,
    });
  } finally {
    state.close();
    s3.destroy();
  }
}
