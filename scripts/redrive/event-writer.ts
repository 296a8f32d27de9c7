import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { callAws } from "../../functions/adapters/aws/call-aws.ts";
import { defaultRetry, type Retry, startBudget } from "../../functions/adapters/aws/retry.ts";

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

/** Rides out half a minute of a shard's throttling: nobody waits for this command but its user. */
const patientRetry: Retry = { ...defaultRetry, attempts: 12, baseMs: 100, capMs: 5_000, totalMs: 60_000 };

/**
 * Put events by PutRecords, repeating what was refused. One call takes what `putRecordsLimits` allows: the caller
 * sees to it.
 *
 * Kinesis takes or refuses each record of a call by itself, so a record that had to be repeated stands behind those
 * that followed it.
 */
export function createKinesisEventWriter(
  client: KinesisClient,
  streamName: string,
  retry: Retry = patientRetry,
): EventWriter {
  return {
    async put(events) {
      const budget = startBudget(retry);
      let left = events.map((_, i) => i);
      for (let attempt = 1; ; attempt++) {
        const request = new PutRecordsCommand({
          StreamName: streamName,
          Records: left.map((i) => ({ PartitionKey: events[i]!.partitionKey, Data: events[i]!.data })),
        });
        const { Records } = await callAws(`kinesis put of ${streamName}`, retry, () => client.send(request));
        left = left.filter((_, i) => Records?.[i]?.SequenceNumber === undefined);
        if (left.length === 0 || !(await budget.wait(attempt))) return left;
      }
    },
  };
}
