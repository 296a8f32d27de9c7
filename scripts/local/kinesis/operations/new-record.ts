import { AwsError } from "../../aws-error.ts";
import { localAccount } from "../../service.ts";
import { formatHashKey, safeParseHashKey } from "../hash-key-range.ts";
import { validationError } from "../parse-input.ts";
import type { NewRecord, Shard, Stream } from "../stream.ts";

/** A record of PutRecord or PutRecords as it came, before any check. */
export interface WireRecord {
  readonly Data?: unknown;
  readonly PartitionKey?: unknown;
  readonly ExplicitHashKey?: unknown;
}

/**
 * Check and decode one record. By hand, not by schema: this is the hot path of every producer.
 *
 * @param at - where the record stands in the request, for the message, e.g. `Records.3.`.
 * @throws {AwsError} `SerializationException`, `ValidationException`, `InvalidArgumentException`.
 */
export function parseRecord(record: WireRecord, stream: Stream, at: string): NewRecord {
  if (typeof record !== "object" || record === null) {
    throw new AwsError("SerializationException", `at '${at}': expected an object`);
  }
  const { PartitionKey: partitionKey, ExplicitHashKey: explicitHashKey } = record;
  if (typeof partitionKey !== "string") throw wrongType(`${at}PartitionKey`, partitionKey);
  if (partitionKey.length < 1 || partitionKey.length > 256) {
    throw validationError([
      `Value of ${partitionKey.length} characters at '${at}PartitionKey': expected 1 to 256 characters`,
    ]);
  }
  const data = decodeData(record.Data, `${at}Data`);
  const limitBytes = stream.maxRecordSizeKiB * 1024;
  if (data.length > limitBytes) {
    throw new AwsError(
      "InvalidArgumentException",
      `Record data size ${data.length} at '${at}Data' exceeds the stream's max record size of ${limitBytes} bytes`,
    );
  }
  if (explicitHashKey === undefined || explicitHashKey === null) return { partitionKey, data };
  if (typeof explicitHashKey !== "string") throw wrongType(`${at}ExplicitHashKey`, explicitHashKey);
  const hashKey = safeParseHashKey(explicitHashKey);
  if (hashKey === undefined) {
    throw new AwsError(
      "InvalidArgumentException",
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicitHashKey.slice(0, 100)}`,
    );
  }
  return { partitionKey, data, hashKey: formatHashKey(hashKey) };
}

/** The message of a throttled write, as AWS words it. */
export function throttledMessage(stream: Stream, shard: Shard): string {
  return `Rate exceeded for shard ${shard.id} in stream ${stream.name} under account ${localAccount}.`;
}

function decodeData(value: unknown, at: string): Buffer {
  if (typeof value !== "string") throw wrongType(at, value);
  const data = Buffer.from(value, "base64");
  const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
  if (value.length % 4 !== 0 || data.length !== (value.length / 4) * 3 - padding) {
    throw new AwsError("SerializationException", `at '${at}': the blob is not base64`);
  }
  return data;
}

function wrongType(at: string, value: unknown): AwsError {
  if (value === undefined || value === null) {
    return validationError([`Value null at '${at}': Member must not be null`]);
  }
  return new AwsError("SerializationException", `at '${at}': expected a string, got ${typeof value}`);
}
