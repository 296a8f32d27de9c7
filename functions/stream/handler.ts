import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import type { StreamDeps } from "./deps.ts";
import { processBatch } from "./process-batch.ts";
import { createStreamDeps } from "./wiring.ts";

/** The stream function: predicts on the batches of a Kinesis event source. */
export function makeHandler(deps: StreamDeps) {
  return (event: KinesisStreamEvent, context?: Context): Promise<KinesisStreamBatchResponse> => {
    deps.logger.requestId = context?.awsRequestId;
    return processBatch(event, deps);
  };
}

export const handler = makeHandler(createStreamDeps());
