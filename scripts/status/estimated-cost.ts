import { pricesPerMillion } from "../../infra/config/prices.ts";

/** What a model's functions used. */
export interface Usage {
  readonly functions: readonly {
    readonly durationMs: number;
    readonly invocations: number;
    readonly memoryMiB: number;
    readonly architecture: "arm64" | "x86_64";
  }[];
  /** Calls over HTTPS. */
  readonly requests: number;
  /** What DynamoDB charged for its tiles and sketches. */
  readonly stateReadUnits: number;
  readonly stateWriteUnits: number;
  readonly predictions: number;
}

/** Units that all models of a stage used together; each bears them by its share of the predictions. */
export interface SharedUsage {
  readonly dynamoReadUnits: number;
  readonly dynamoWriteUnits: number;
  readonly kinesisBytes: number;
  /** Predictions of every model. */
  readonly predictions: number;
}

/**
 * Estimated USD per thousand predictions, by the prices and the terms of the dashboards.
 *
 * @returns null without predictions.
 * @see `infra/config/prices.ts`: what is paid by the hour, logs and metrics are not in it
 */
export function estimateCost(own: Usage, shared: SharedUsage): number | null {
  if (own.predictions === 0) return null;
  const functions = own.functions.map(
    ({ durationMs, invocations, memoryMiB, architecture }) =>
      (durationMs / 1000) * (memoryMiB / 1024) * pricesPerMillion.lambdaGibSeconds[architecture] +
      invocations * pricesPerMillion.lambdaRequests,
  );
  const ownMillionths = functions.reduce(
    (sum, each) => sum + each,
    own.requests * pricesPerMillion.apiRequests +
      own.stateReadUnits * pricesPerMillion.dynamoReadUnits +
      own.stateWriteUnits * pricesPerMillion.dynamoWriteUnits,
  );
  const sharedMillionths =
    shared.dynamoReadUnits * pricesPerMillion.dynamoReadUnits +
    shared.dynamoWriteUnits * pricesPerMillion.dynamoWriteUnits +
    shared.kinesisBytes * pricesPerMillion.kinesisBytes;
  const perPrediction = ownMillionths / own.predictions + sharedMillionths / shared.predictions;
  return perPrediction / 1000;
}
