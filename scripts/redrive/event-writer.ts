import { setTimeout as sleep } from "node:timers/promises";
import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";

export interface EventToPut {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Puts events onto a stream. */
export interface EventWriter {
  /**
   * Put events in order, each at least once.
   *
   * @returns indices of those that were not taken after bounded retries, ascending.
   */
  put(events: readonly EventToPut[]): Promise<readonly number[]>;
}

/** Bounds of one PutRecords call: its count, and half its size, which leaves room for its base64. */
export const maxPutCount = 500;
export const maxPutBytes = 5 * 2 ** 20;

/** Ten attempts with these waits ride out half a minute of a shard's throttling. */
const maxAttempts = 10;
const firstWaitMs = 100;
const longestWaitMs = 5_000;

/**
 * Put events by PutRecords, repeating what was refused.
 *
 * Kinesis takes or refuses each record of a call by itself, so a record that had to be repeated stands behind those
 * that followed it.
 */
export function createKinesisEventWriter(
  client: KinesisClient,
  streamName: string,
  { wait = sleep }: { wait?: (ms: number) => Promise<unknown> } = {},
): EventWriter {
  return {
    async put(events) {
      let left = events.map((_, i) => i);
      for (let attempt = 1; left.length > 0; attempt++) {
        const { Records } = await client.send(
          new PutRecordsCommand({
            StreamName: streamName,
            Records: left.map((i) => ({ PartitionKey: events[i]!.partitionKey, Data: events[i]!.data })),
          }),
        );
        left = left.filter((_, i) => Records?.[i]?.SequenceNumber === undefined);
        if (left.length === 0 || attempt === maxAttempts) break;
        // Full jitter: several writers that were refused together must not come back together.
        await wait(Math.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** attempt));
      }
      return left;
    },
  };
}
