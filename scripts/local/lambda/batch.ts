import type { StoredRecord } from "../kinesis/reader.ts";
import { localAccount, localRegion } from "../service.ts";

/** Longest event of a synchronous invocation, in bytes. @see AWS Lambda developer guide, "Lambda quotas" */
export const maxEventBytes = 6 * 1024 * 1024;

/** Records that are sent in one invocation, and how often that was tried. */
export interface Batch {
  readonly records: readonly StoredRecord[];
  /** Failed invocations that count against `maximumRetryAttempts`. */
  readonly attempts: number;
  /** All invocations of these records that reached the function. */
  readonly invocations: number;
  /** The last of them; absent when there was none. */
  readonly lastFailure?: BatchFailure;
}

export interface BatchFailure {
  readonly requestId: string;
  /** Absent when the function answered and reported records. */
  readonly functionError?: string;
}

export interface EventSource {
  readonly streamArn: string;
  readonly shardId: string;
}

const eventHead = '{"Records":[';
const eventTail = "]}";

/** The invocation's payload in Lambda's event shape, put together as text: base64 needs no JSON escaping. */
export function kinesisEvent(records: readonly StoredRecord[], source: EventSource): string {
  const { afterTime, betweenShardAndSequence } = framing(source);
  let text = eventHead;
  for (const [index, record] of records.entries()) {
    if (index > 0) text += ",";
    text += `{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":${JSON.stringify(record.partitionKey)},"sequenceNumber":"${record.sequenceNumber}","data":"${record.data.toString("base64")}","approximateArrivalTimestamp":${record.arrivalTimestampMs / 1000}}${betweenShardAndSequence}${record.sequenceNumber}${afterTime}`;
  }
  return text + eventTail;
}

/** Counts a growing batch's event in bytes without building it. */
export class EventSize {
  readonly #fixedBytesPerRecord: number;
  #bytes = eventHead.length + eventTail.length;

  constructor(source: EventSource) {
    const empty: StoredRecord = {
      sequenceNumber: "",
      partitionKey: "",
      data: Buffer.alloc(0),
      arrivalTimestampMs: 0,
    };
    const oneEmpty = Buffer.byteLength(kinesisEvent([empty], source)) - this.#bytes;
    // The empty record's timestamp is one digit, and a comma may follow.
    this.#fixedBytesPerRecord = oneEmpty - 1 + 1;
  }

  get bytes(): number {
    return this.#bytes;
  }

  bytesOf(record: StoredRecord): number {
    return (
      this.#fixedBytesPerRecord +
      Math.ceil(record.data.length / 3) * 4 +
      2 * record.sequenceNumber.length +
      Buffer.byteLength(JSON.stringify(record.partitionKey)) -
      2 +
      String(record.arrivalTimestampMs / 1000).length
    );
  }

  add(recordBytes: number): void {
    this.#bytes += recordBytes;
  }
}

function framing({ streamArn, shardId }: EventSource): {
  betweenShardAndSequence: string;
  afterTime: string;
} {
  const role = `arn:aws:iam::${localAccount}:role/embedded-lambda`;
  return {
    betweenShardAndSequence: `,"eventSource":"aws:kinesis","eventVersion":"1.0","eventID":"${shardId}:`,
    afterTime: `","eventName":"aws:kinesis:record","invokeIdentityArn":"${role}","awsRegion":"${localRegion}","eventSourceARN":"${streamArn}"}`,
  };
}
