import { awsAccess } from "../../functions/adapters/aws/aws-access.ts";
import { tableClient } from "../../functions/adapters/aws/clients.ts";
import { DynamoShardStateStore } from "../../functions/adapters/aws/dynamo-shard-state-store.ts";
import { JsonLogger } from "../../functions/adapters/observe/json-logger.ts";
import type { StageName } from "../../functions/contract/stack-outputs.ts";
import {
  type AccuracySeries,
  type AccuracyUnit,
  accuracySeries,
} from "../../functions/core/outcome/accuracy-series.ts";
import { readAccuracy } from "../../functions/core/outcome/accuracy-store.ts";
import { discoverStage } from "../discover.ts";

export interface StageAccuracyOptions {
  readonly stage: StageName;
  readonly model: string;
  /** Span of the predicted events, epoch milliseconds. @default from the year 0, to the year 9999 */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** @default hours where there are up to two days of them, else days */
  readonly unit?: AccuracyUnit | undefined;
}

const firstMs = Date.parse("0000-01-01T00:00:00Z");
const lastMs = Date.parse("9999-12-31T23:00:00Z");
/** More lines than a person reads. */
const maxHours = 48;

/** Read how good a model's predictions were, wherever the SDK's own environment points. */
export async function readStageAccuracy(options: StageAccuracyOptions): Promise<AccuracySeries[]> {
  const { stage, model, fromMs = firstMs, toMs = lastMs } = options;
  const { SketchesTableName: table } = await discoverStage(stage);
  const client = tableClient(awsAccess());
  try {
    const store = new DynamoShardStateStore({ client, table, logger: new JsonLogger() });
    const stored = await readAccuracy(store, model, { fromMs, toMs });
    const hourCount = new Set(stored.map(({ hour }) => hour)).size;
    return accuracySeries(stored, options.unit ?? (hourCount > maxHours ? "day" : "hour"));
  } finally {
    client.destroy();
  }
}
