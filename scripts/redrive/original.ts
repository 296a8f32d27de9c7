/** An event or record that did not make it, as it stood in the stream. */
export interface Original {
  readonly kind: "rejected" | "parked";
  /** Name of the stream it came from. */
  readonly stream: string;
  readonly shard: string;
  readonly sequenceNumber: string;
  /** Index within an aggregated record; `whole` for an aggregated record that was parked as it is. */
  readonly subIndex: number | "whole";
  readonly partitionKey: string;
  /** Absent where it is not what the producer put, since private values were taken out of it. */
  readonly data?: Uint8Array;
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
  /** Reason code; parked records have none. */
  readonly code?: string;
}

/** An object of originals of one shard. */
export interface SourceObject {
  readonly key: string;
  readonly stream: string;
  readonly shard: string;
  /** No original in it stands before this sequence number. */
  readonly first: bigint;
  /** Greatest sequence number in it. */
  readonly last: bigint;
  read(): Promise<SourceContent>;
}

export interface SourceContent {
  readonly originals: readonly Original[];
  /** What could not be read, in words; it stays where it is. */
  readonly damaged: readonly string[];
}

/** Names an original's place within its shard; equal for doubles. */
export function placeKey({ sequenceNumber, subIndex }: Original): string {
  return `${sequenceNumber}/${subIndex}`;
}

/** Order originals of one shard as they stood in it; of doubles, one that has its data comes first. */
export function comparePlaces(a: Original, b: Original): number {
  const difference = BigInt(a.sequenceNumber) - BigInt(b.sequenceNumber);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  return positionOf(a) - positionOf(b) || Number(a.data === undefined) - Number(b.data === undefined);
}

function positionOf({ subIndex }: Original): number {
  return subIndex === "whole" ? -1 : subIndex;
}

/** The least and the greatest of some sequence numbers, at least one; Math.min takes no bigints. */
export function rangeOf(sequenceNumbers: readonly bigint[]): { first: bigint; last: bigint } {
  const ascending = [...sequenceNumbers].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { first: ascending[0]!, last: ascending.at(-1)! };
}
