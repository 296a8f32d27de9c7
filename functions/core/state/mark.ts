/**
 * The highest (sequence number, sub-record index) of a shard that a piece of state contains: zero-padded, so that
 * text order is stream order.
 */
export type Mark = string;

/** Kinesis' sequence numbers have at most 56 digits today; their documentation allows 128 bits and more to come. */
const sequenceDigits = 60;
/** An aggregated record is at most 1 MiB, each event in it at least a few bytes. */
const subIndexDigits = 6;

/** The mark of one event. @param subIndex - within an aggregated record; 0 for a plain one. */
export function markOf(sequenceNumber: string, subIndex: number): Mark {
  return `${sequenceNumber.padStart(sequenceDigits, "0")}/${String(subIndex).padStart(subIndexDigits, "0")}`;
}
