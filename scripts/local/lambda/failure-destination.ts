import { randomUUID } from "node:crypto";
import type { StoredRecord } from "../kinesis/reader.ts";
import { type BatchFailure, type EventSource, kinesisEvent } from "./batch.ts";

/** Where an event source puts what it gave up on. */
export interface FailureDestination {
  putObject(bucket: string, key: string, body: string): Promise<void>;
  sendMessage(queueArn: string, body: string): Promise<void>;
  publish(topicArn: string, body: string): Promise<void>;
}

export interface GivenUp {
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  readonly records: readonly StoredRecord[];
  readonly invocations: number;
  readonly lastFailure?: BatchFailure;
  readonly source: EventSource;
  readonly mappingUuid: string;
  readonly functionArn: string;
  readonly nowMs: number;
}

/**
 * Deliver one invocation record, in the shape and under the key that Lambda uses.
 *
 * A bucket gets the whole event as `payload`; a queue or a topic gets the metadata alone.
 *
 * @see AWS Lambda developer guide, "Retain discarded batch records for a Kinesis Data Streams event source in Lambda"
 */
export async function deliver(
  destinationArn: string,
  givenUp: GivenUp,
  port: FailureDestination,
): Promise<void> {
  const service = destinationArn.split(":")[2];
  const record = invocationRecord(givenUp);
  if (service === "sqs") return port.sendMessage(destinationArn, JSON.stringify(record));
  if (service === "sns") return port.publish(destinationArn, JSON.stringify(record));
  const payload = kinesisEvent(givenUp.records, givenUp.source);
  const bucket = destinationArn.split(":").slice(5).join(":");
  return port.putObject(bucket, objectKey(givenUp), JSON.stringify({ ...record, payload }));
}

function invocationRecord(givenUp: GivenUp): Record<string, unknown> {
  const { records, lastFailure, source } = givenUp;
  const first = records[0]!;
  const last = records.at(-1)!;
  return {
    requestContext: {
      requestId: lastFailure?.requestId ?? randomUUID(),
      functionArn: givenUp.functionArn,
      condition: givenUp.condition,
      approximateInvokeCount: givenUp.invocations,
    },
    // Absent when the records grew too old before the function ever saw them.
    ...(lastFailure !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        ...(lastFailure.functionError !== undefined && { functionError: lastFailure.functionError }),
      },
    }),
    version: "1.0",
    timestamp: new Date(givenUp.nowMs).toISOString(),
    KinesisBatchInfo: {
      shardId: source.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: last.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.arrivalTimestampMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(last.arrivalTimestampMs).toISOString(),
      batchSize: records.length,
      streamArn: source.streamArn,
    },
  };
}

/** `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random UUID>`, in UTC. */
function objectKey({ mappingUuid, source, nowMs }: GivenUp): string {
  const [date = "", time = ""] = new Date(nowMs).toISOString().split("T");
  const dotted = time.slice(0, 8).replaceAll(":", ".");
  return `aws/lambda/${mappingUuid}/${source.shardId}/${date.replaceAll("-", "/")}/${date}T${dotted}-${randomUUID()}`;
}
