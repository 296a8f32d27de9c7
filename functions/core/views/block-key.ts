/** Instants reach ±8.64e12 seconds. */
const digits = 13;
const complement = 10 ** digits;

/** Partition key of one key's blocks of one level. */
export function partitionKeyOf(at: {
  readonly model: string;
  readonly digest: string;
  readonly level: number;
  readonly key: string;
}): string {
  return `${at.model}#view#${at.digest}#${at.level}#${at.key}`;
}

/** Sort key of the block that starts at `startMs`, a whole number of seconds: text order is time order, before 1970 too. */
export function sortKeyOf(startMs: number): string {
  const seconds = startMs / 1000;
  return seconds < 0
    ? `-${String(complement + seconds).padStart(digits, "0")}`
    : String(seconds).padStart(digits, "0");
}

/** @returns epoch milliseconds. */
export function startOf(sortKey: string): number {
  const seconds = sortKey.startsWith("-") ? Number(sortKey.slice(1)) - complement : Number(sortKey);
  return seconds * 1000;
}
