/** What a function said about a batch: all done, all failed, or done up to the record at `index`. */
export type BatchVerdict =
  | { readonly kind: "success" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "partial"; readonly index: number };

/**
 * Read a `ReportBatchItemFailures` response.
 *
 * Nothing reported is success: an empty or null response, `""`, `[]`, an object without `batchItemFailures`, a null or
 * empty list. The lowest reported sequence number is where the retry begins. Anything else fails the whole batch: a
 * response that is no object, an item without identifier, an empty identifier, one that is not of this batch.
 *
 * @param sequenceNumbers - of the batch's records, in order.
 * @see AWS Lambda developer guide, "Configuring partial batch response with Kinesis Data Streams and Lambda"
 */
export function readBatchResponse(
  payload: Buffer | string,
  sequenceNumbers: readonly string[],
): BatchVerdict {
  const text = payload.toString();
  let response: unknown;
  try {
    response = text === "" ? null : JSON.parse(text);
  } catch {
    return { kind: "failed", reason: "the response is not json" };
  }
  if (isEmpty(response)) return { kind: "success" };
  if (typeof response !== "object" || response === null || Array.isArray(response)) {
    return {
      kind: "failed",
      reason: `the response is ${JSON.stringify(response).slice(0, 80)}, expected an object`,
    };
  }
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return { kind: "success" };
  if (!Array.isArray(failures)) return { kind: "failed", reason: "batchItemFailures is not a list" };
  return verdictOf(failures, sequenceNumbers);
}

function verdictOf(failures: readonly unknown[], sequenceNumbers: readonly string[]): BatchVerdict {
  if (failures.length === 0) return { kind: "success" };
  const indexes = new Map(sequenceNumbers.map((sequenceNumber, index) => [sequenceNumber, index]));
  let lowest = sequenceNumbers.length;
  for (const failure of failures) {
    const identifier = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    const index = typeof identifier === "string" ? indexes.get(identifier) : undefined;
    if (index === undefined) {
      return {
        kind: "failed",
        reason: `itemIdentifier ${JSON.stringify(identifier)} is not a record of this batch`,
      };
    }
    lowest = Math.min(lowest, index);
  }
  return { kind: "partial", index: lowest };
}

function isEmpty(response: unknown): boolean {
  return response === null || response === "" || (Array.isArray(response) && response.length === 0);
}
