import type { Context, KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { archiveBatch } from "./archive-batch.ts";
import type { ArchiveDeps } from "./deps.ts";
import { createArchiveDeps } from "./wiring.ts";

/** The archive function: keeps every event of a Kinesis event source in S3. */
export function makeHandler(deps: ArchiveDeps) {
  return (event: KinesisStreamEvent, context?: Context): Promise<KinesisStreamBatchResponse> => {
    deps.logger.requestId = context?.awsRequestId;
    return archiveBatch(event, deps);
  };
}

export const handler = makeHandler(createArchiveDeps());
