import { z } from "zod";
import { AwsError } from "../../aws-error.ts";
import { findStream, type KinesisContext } from "../kinesis-context.ts";
import { parseInput, sequenceNumberField, streamFields } from "../parse-input.ts";
import { safeParseSequenceNumber } from "../sequence-number.ts";
import { appendRecord } from "../stream.ts";
import { parseRecord, throttledMessage } from "./new-record.ts";

export function putRecord(context: KinesisContext, input: unknown): object {
  const request = parseInput(requestSchema, input);
  const stream = findStream(context, request);
  const record = parseRecord(request, stream, "");
  const minimum = request.SequenceNumberForOrdering;
  // Numbers of a shard always rise, so the order asked for holds; only a number from elsewhere is refused.
  if (minimum !== undefined && safeParseSequenceNumber(minimum) === undefined) {
    throw new AwsError(
      "InvalidArgumentException",
      `SequenceNumberForOrdering ${minimum} used in PutRecord on stream ${stream.name} is invalid.`,
    );
  }
  const { shard, sequenceNumber } = appendRecord(stream, record, context.clock());
  if (sequenceNumber === undefined) {
    throw new AwsError("ProvisionedThroughputExceededException", throttledMessage(stream, shard));
  }
  return {
    ShardId: shard.id,
    SequenceNumber: sequenceNumber,
    ...(stream.encryptionKeyId !== undefined && { EncryptionType: "KMS" }),
  };
}

const requestSchema = z.object({
  ...streamFields,
  SequenceNumberForOrdering: sequenceNumberField.optional(),
  Data: z.unknown().optional(),
  PartitionKey: z.unknown().optional(),
  ExplicitHashKey: z.unknown().optional(),
});
