import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, streamFields, validationError } from "../parse-input.ts";
import { appendRecord, type NewRecord } from "../stream.ts";
import { parseRecord, throttledMessage, type WireRecord } from "./new-record.ts";

/** Limits of one call. @see PutRecords in the Kinesis API reference */
export const maxPutRecords = 500;
export const maxPutRecordsBytes = 10 * 1024 * 1024;

/** Everything is checked before anything is written: a call that throws has written nothing. */
export function putRecords(context: KinesisContext, input: unknown): object {
  const request = parseInput(requestSchema, input);
  const { Records: wireRecords } = request;
  if (wireRecords.length < 1 || wireRecords.length > maxPutRecords) {
    throw validationError([
      `Value of ${wireRecords.length} records at 'Records': Member must have length from 1 to ${maxPutRecords}`,
    ]);
  }
  const stream = findStream(context, request);
  const records: NewRecord[] = [];
  let sizeBytes = 0;
  for (const [index, wireRecord] of wireRecords.entries()) {
    const record = parseRecord(wireRecord as WireRecord, stream, `Records.${index}.`);
    sizeBytes += record.data.length + Buffer.byteLength(record.partitionKey);
    records.push(record);
  }
  if (sizeBytes > maxPutRecordsBytes) {
    throw new AwsError(
      "InvalidArgumentException",
      `Records size exceeds 10 MB limit: ${sizeBytes} bytes of data and partition keys`,
    );
  }
  const nowMs = context.clock();
  let failedCount = 0;
  const results = records.map((record) => {
    const { shard, sequenceNumber } = appendRecord(stream, record, nowMs);
    if (sequenceNumber !== undefined) return { SequenceNumber: sequenceNumber, ShardId: shard.id };
    failedCount += 1;
    return {
      ErrorCode: "ProvisionedThroughputExceededException",
      ErrorMessage: throttledMessage(stream, shard),
    };
  });
  return {
    FailedRecordCount: failedCount,
    Records: results,
    ...(stream.encryptionKeyId !== undefined && { EncryptionType: "KMS" }),
  };
}

const requestSchema = z.object({ ...streamFields, Records: z.array(z.unknown()) });
