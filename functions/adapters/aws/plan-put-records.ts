/** Bounds of one PutRecords call. */
export interface PutRecordsLimits {
  readonly maxRecords: number;
  /** Data and partition keys together. */
  readonly maxCallBytes: number;
  readonly maxRecordBytes: number;
}

/**
 * What every PutRecords takes: AWS allows 10 MiB per call since 2025 and 5 MiB before, as emulators still do;
 * records are bounded by the stream's `MaxRecordSizeInKiB`, 1 MiB unless raised.
 */
export const putRecordsLimits: PutRecordsLimits = {
  maxRecords: 500,
  maxCallBytes: 5 * 2 ** 20,
  maxRecordBytes: 2 ** 20,
};

export interface PutRecordsPlan {
  /** Rows of each call, in order; none is empty. */
  readonly calls: readonly (readonly number[])[];
  /** Rows that no call can take, ascending. */
  readonly oversized: readonly number[];
}

/** Cut rows into calls, in order and as full as they go: every row stands in one call or is oversized. */
export function planPutRecords(
  rowBytes: ArrayLike<number>,
  limits: PutRecordsLimits = putRecordsLimits,
): PutRecordsPlan {
  const calls: number[][] = [];
  const oversized: number[] = [];
  let call: number[] = [];
  let callBytes = 0;
  for (let row = 0; row < rowBytes.length; row++) {
    const bytes = rowBytes[row]!;
    if (bytes > Math.min(limits.maxRecordBytes, limits.maxCallBytes)) {
      oversized.push(row);
      continue;
    }
    if (call.length === limits.maxRecords || callBytes + bytes > limits.maxCallBytes) {
      calls.push(call);
      call = [];
      callBytes = 0;
    }
    call.push(row);
    callBytes += bytes;
  }
  if (call.length > 0) calls.push(call);
  return { calls, oversized };
}
