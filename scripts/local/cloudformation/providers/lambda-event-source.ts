import { randomUUID } from "node:crypto";
import { z } from "zod";
import { localAccount, localRegion } from "../../service.ts";
import { defineProvider, flag, numeric } from "../provider.ts";

/** Limits and combinations are checked where the mapping runs; here CloudFormation's names become its own. */
export const lambdaEventSource = defineProvider({
  type: "AWS::Lambda::EventSourceMapping",
  properties: z.object({
    EventSourceArn: z.string(),
    FunctionName: z.string(),
    Enabled: flag.optional(),
    BatchSize: numeric.optional(),
    MaximumBatchingWindowInSeconds: numeric.optional(),
    ParallelizationFactor: numeric.optional(),
    StartingPosition: z.enum(["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]),
    StartingPositionTimestamp: numeric.optional(),
    MaximumRetryAttempts: numeric.optional(),
    MaximumRecordAgeInSeconds: numeric.optional(),
    BisectBatchOnFunctionError: flag.optional(),
    FunctionResponseTypes: z.array(z.string()).optional(),
    TumblingWindowInSeconds: numeric.optional(),
    FilterCriteria: z.unknown().optional(),
    DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).optional(),
  }),
  create: async ({ cloud }, properties) => {
    const uuid = randomUUID();
    const timestampSeconds = properties.StartingPositionTimestamp;
    await cloud.lambda.createEventSourceMapping({
      uuid,
      eventSourceArn: streamOf(properties.EventSourceArn),
      functionName: properties.FunctionName,
      enabled: properties.Enabled,
      batchSize: properties.BatchSize,
      maximumBatchingWindowSeconds: properties.MaximumBatchingWindowInSeconds,
      parallelizationFactor: properties.ParallelizationFactor,
      startingPosition: properties.StartingPosition,
      startingPositionTimestampMs: timestampSeconds === undefined ? undefined : timestampSeconds * 1000,
      maximumRetryAttempts: properties.MaximumRetryAttempts,
      maximumRecordAgeSeconds: properties.MaximumRecordAgeInSeconds,
      bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
      functionResponseTypes: properties.FunctionResponseTypes,
      tumblingWindowSeconds: properties.TumblingWindowInSeconds,
      filterCriteria: properties.FilterCriteria,
      onFailureDestinationArn: properties.DestinationConfig?.OnFailure?.Destination,
    });
    return {
      physicalId: uuid,
      attributes: {
        Id: uuid,
        EventSourceMappingArn: `arn:aws:lambda:${localRegion}:${localAccount}:event-source-mapping:${uuid}`,
      },
      remove: async () => cloud.lambda.deleteEventSourceMapping(uuid),
    };
  },
});

/** An enhanced fan-out consumer reads the same records as its stream; here the poller reads in memory anyway. */
function streamOf(eventSourceArn: string): string {
  return eventSourceArn.replace(/\/consumer\/.*$/, "");
}
