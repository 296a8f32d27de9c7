import type { PutRecordsRequestEntry, PutRecordsResultEntry } from "@aws-sdk/client-kinesis";
import { DependencyError } from "../../core/errors.ts";
import { isTransient } from "./aws-errors.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { type PutRecordsLimits, planPutRecords, putRecordsLimits } from "./plan-put-records.ts";
import { defaultRetry, type Retry, type RetryBudget, startBudget } from "./retry.ts";
import type { StreamClient } from "./stream-client.ts";

export interface PutRecordsOptions {
  readonly client: Pick<StreamClient, "putRecords">;
  /** Name of the stream. */
  readonly stream: string;
  /** Calls in flight at once. @default 4 */
  readonly concurrency?: number;
  /** @default putRecordsLimits */
  readonly limits?: PutRecordsLimits;
  /** Of all calls together. @default defaultRetry */
  readonly retry?: Retry;
}

/** Records that could not be put, and why. */
export interface PutFailure {
  readonly rows: readonly number[];
  readonly error: unknown;
}

export interface PutResult {
  /** After bounded retries. */
  readonly failures: readonly PutFailure[];
  /** Records that no call can take, ascending; they were not tried. */
  readonly oversized: readonly number[];
}

/**
 * Put records on a stream, in as few calls as they fit in; never throws for single ones.
 *
 * Of a call that succeeds in part only the records that failed are put again; so records of one partition may
 * change order, and a record whose answer was lost may come twice.
 */
export async function putRecords(
  entries: readonly PutRecordsRequestEntry[],
  options: PutRecordsOptions,
): Promise<PutResult> {
  const { concurrency = 4, limits = putRecordsLimits, retry = defaultRetry } = options;
  const { calls, oversized } = planPutRecords(entries.map(entryBytes), limits);
  const failures: PutFailure[] = [];
  const budget = startBudget(retry);
  await forEachBounded(calls.length, concurrency, async (index) => {
    const failure = await putRows({ entries, rows: calls[index]!, budget, options });
    if (failure !== undefined) failures.push(failure);
  });
  return { failures, oversized };
}

/** What counts of a record towards its bound and the call's: data and partition key. */
export function entryBytes({ Data, PartitionKey }: PutRecordsRequestEntry): number {
  return Data!.byteLength + Buffer.byteLength(PartitionKey!);
}

interface OneCall {
  readonly entries: readonly PutRecordsRequestEntry[];
  readonly rows: readonly number[];
  readonly budget: RetryBudget;
  readonly options: PutRecordsOptions;
}

async function putRows({ entries, rows, budget, options }: OneCall): Promise<PutFailure | undefined> {
  if (budget.isSpent()) return { rows, error: budgetSpent() };
  let pending = rows;
  for (let attempt = 1; ; attempt++) {
    let error: unknown;
    try {
      const { Records: results = [] } = await options.client.putRecords({
        StreamName: options.stream,
        Records: pending.map((row) => entries[row]!),
      });
      const refused = pending.map((_, i) => results[i]).find((result) => !isPut(result));
      pending = pending.filter((_, i) => !isPut(results[i]));
      if (pending.length === 0) return undefined;
      error = recordRefused(refused);
    } catch (thrown) {
      if (!isTransient(thrown)) return { rows: pending, error: thrown };
      error = thrown;
    }
    if (!(await budget.wait(attempt))) return { rows: pending, error };
  }
}

function isPut(result: PutRecordsResultEntry | undefined): boolean {
  return result?.SequenceNumber !== undefined && result.ErrorCode === undefined;
}

function recordRefused(result: PutRecordsResultEntry | undefined): DependencyError {
  const isThrottle = result?.ErrorCode === "ProvisionedThroughputExceededException";
  return new DependencyError(
    `kinesis record: ${result?.ErrorCode ?? "no answer"}: ${result?.ErrorMessage ?? ""}`,
    { code: isThrottle ? "dependency.throttled" : "dependency.unavailable" },
  );
}

function budgetSpent(): DependencyError {
  return new DependencyError("kinesis records: the retry budget is spent; put them again", {
    code: "dependency.timeout",
  });
}
