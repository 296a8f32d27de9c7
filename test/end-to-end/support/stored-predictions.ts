import { type AttributeValue, paginateScan } from "@aws-sdk/client-dynamodb";
import { expect } from "vitest";
import { type Prediction, prediction } from "../../../functions/contract/prediction.ts";
import { emitted } from "./predictions.ts";
import type { Stage } from "./stage.ts";
import { untilIdle } from "./wait-until.ts";

/** One row of the predictions table. */
export interface StoredPrediction {
  readonly item: Readonly<Record<string, AttributeValue>>;
  readonly prediction: Prediction;
  /** The prediction's text. */
  readonly body: string;
}

/** The whole table of predictions. */
export async function storedPredictions(stage: Stage): Promise<readonly StoredPrediction[]> {
  const stored: StoredPrediction[] = [];
  const command = { TableName: stage.outputs.PredictionsTableName, ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client: stage.dynamodb }, command)) {
    for (const item of Items) {
      const body = item.body?.S ?? "";
      stored.push({ item, body, prediction: prediction.parse(JSON.parse(body)) });
    }
  }
  return stored;
}

/**
 * Wait until the functions have nothing left to do, then see that the table has one row for each event, and that
 * whatever was emitted, however often, is what stands there.
 */
export async function expectStoredOnce(stage: Stage, eventIds: readonly string[]): Promise<void> {
  await untilIdle(stage);
  const stored = await storedPredictions(stage);
  expect(stored.map((row) => row.prediction.eventId).toSorted()).toEqual([...eventIds].toSorted());
  expect(new Set(stored.map((row) => row.prediction.predictionId)).size).toBe(eventIds.length);
  const bodies = new Map(stored.map((row) => [row.prediction.predictionId, row.body]));
  const differing = (await emitted(stage)).filter(
    ({ prediction, body }) => bodies.get(prediction.predictionId) !== body,
  );
  expect(differing.map(({ body }) => body).slice(0, 3)).toEqual([]);
}
