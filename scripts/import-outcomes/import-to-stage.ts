import { awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { kinesisClient, objectClient, tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoLedger } from "../../functions/adapters/aws/dynamo-ledger.ts";
import { S3PackageDeclarations } from "../../functions/adapters/aws/s3-package-declarations.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import { discoverStage } from "../discover.ts";
import { putEvents } from "../replay/put-events.ts";
import { createGroundTruthReader } from "./ground-truth.ts";
import { type Imported, type ImportOptions, importOutcomes } from "./import-outcomes.ts";

export interface StageImportOptions extends Pick<ImportOptions, "lines" | "noteBad"> {
  readonly stage: StageName;
  readonly model: string;
  /** When all of it came true, as ISO 8601. @default when it arrives on the stream */
  readonly time?: string | undefined;
}

/** Put ground truth on a stage's events stream, wherever the SDK's own environment points. */
export async function importToStage(options: StageImportOptions): Promise<Imported> {
  const { model, lines, noteBad } = options;
  const { LedgerTableName, ModelsBucketName, EventsStreamName } = await discoverStage(options.stage);
  const access = awsAccess();
  const [tables, kinesis] = [tableClient(access), kinesisClient({ maxAttempts: 5 })];
  try {
    const ledger = new DynamoLedger({ client: tables, table: LedgerTableName });
    const champion = (await ledger.latest(model))?.aliases.champion;
    if (champion === undefined) throw new Error(`model "${model}": has no champion; publish it first`);
    const declarations = new S3PackageDeclarations({
      client: objectClient(access),
      bucket: ModelsBucketName,
    });
    const pkg = await declarations.read(model, champion.digest);
    return await importOutcomes({
      ...{ lines, noteBad },
      read: createGroundTruthReader(pkg, options.time),
      put: (events) => putEvents({ client: kinesis, streamName: EventsStreamName, events }),
    });
  } finally {
    tables.destroy();
    kinesis.destroy();
  }
}
