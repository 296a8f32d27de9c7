/** What one operation used of one table. */
export interface ConsumedCapacity {
  readonly TableName: string;
  readonly CapacityUnits: number;
  readonly Table?: { readonly CapacityUnits: number };
}

export type ReturnConsumedCapacity = "INDEXES" | "TOTAL" | "NONE" | undefined;

/** Read units: one per 4 KiB begun, half of that where a read may be stale; nothing found counts as the least there is. */
export function readUnits(sizeBytes: number, isConsistent: boolean | undefined): number {
  return Math.max(1, Math.ceil(sizeBytes / 4096)) * (isConsistent ? 1 : 0.5);
}

/** Write units: one per KiB begun, of the greater of what stood and what stands. */
export function writeUnits(...sizesBytes: readonly number[]): number {
  return Math.max(1, ...sizesBytes.map((sizeBytes) => Math.ceil(sizeBytes / 1024)));
}

/** @returns what goes on the wire, where the caller asked for it. */
export function consumed(
  returned: ReturnConsumedCapacity,
  TableName: string,
  CapacityUnits: number,
): ConsumedCapacity | undefined {
  if (returned === "TOTAL") return { TableName, CapacityUnits };
  if (returned === "INDEXES") return { TableName, CapacityUnits, Table: { CapacityUnits } };
  return undefined;
}
