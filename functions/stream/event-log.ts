import type { Place, Reject } from "../contract/reject.ts";
import { type Mark, markOf } from "../core/state/mark.ts";
import type { DeliveredBatch } from "./delivered-batch.ts";

/** Stands for the sub-record index of a record that is not aggregated. */
export const plain = -1;

/** How an event ended. */
export const End = { open: 0, predicted: 1, applied: 2, skipped: 3, rejected: 4, redelivered: 5 } as const;

/** The events of a batch in stream order, by position: where each stands, and how it ended. */
export interface EventLog {
  readonly count: number;
  /** @returns the position of the event. */
  add(record: number, subIndex: number): number;
  /** The record that an event came in. */
  recordOf(event: number): number;
  markOf(event: number): Mark;
  placeOf(event: number): Place;
  /** What the producer put: rejects are few, so an aggregated record is taken apart anew rather than held on to. */
  originalOf(event: number): Pick<Reject, "partitionKey" | "data"> & { readonly data: string };
  end(event: number, end: number): void;
  /** How many of the events in the first `records` records ended how, by `End`. */
  tally(records: number): readonly number[];
  /** How many events stand in the first `records` records. */
  countIn(records: number): number;
}

export function createEventLog(batch: DeliveredBatch): EventLog {
  // One place each per event taken; a record has one event, or those that were aggregated into it.
  const records: number[] = [];
  const subIndexes: number[] = [];
  const ends: number[] = [];

  return {
    get count() {
      return records.length;
    },
    add(record, subIndex) {
      records.push(record);
      subIndexes.push(subIndex);
      return ends.push(End.open) - 1;
    },
    recordOf: (event) => records[event]!,
    markOf: (event) =>
      markOf(batch.records[records[event]!]!.kinesis.sequenceNumber, Math.max(subIndexes[event]!, 0)),
    placeOf: (event) => batch.placeOf(records[event]!, Math.max(subIndexes[event]!, 0)),
    originalOf,
    end(event, end) {
      ends[event] = end;
    },
    tally,
    countIn,
  };

  /** Records are in order, and so are their events. */
  function countIn(done: number): number {
    let count = records.length;
    while (count > 0 && records[count - 1]! >= done) count--;
    return count;
  }

  function tally(done: number): readonly number[] {
    const counts = Object.values(End).map(() => 0);
    for (let i = 0; i < ends.length && records[i]! < done; i++) counts[ends[i]!]!++;
    return counts;
  }

  function originalOf(event: number) {
    const { kinesis } = batch.records[records[event]!]!;
    const subIndex = subIndexes[event]!;
    if (subIndex === plain) return { partitionKey: kinesis.partitionKey, data: kinesis.data };
    const part = batch.partsOf(records[event]!)![subIndex]!;
    return { partitionKey: part.partitionKey, data: part.data.toString("base64") };
  }
}
