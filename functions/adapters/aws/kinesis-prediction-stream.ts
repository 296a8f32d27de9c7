import { createHash } from "node:crypto";
import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from "@aws-sdk/client-kinesis";
import { DependencyError, InvariantError } from "../../core/errors.ts";
import type { Logger } from "../../core/observe/logger.ts";
import type { PredictionBatch } from "../../core/prediction/prediction-batch.ts";
import type { PredictionStream } from "../../core/prediction/prediction-store.ts";
import { isTransient, toHeadraceError } from "./aws-errors.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { type PutRecordsLimits, planPutRecords, putRecordsLimits } from "./plan-put-records.ts";
import { defaultRetry, type Retry, type RetryBudget, startBudget } from "./retry.ts";

export interface KinesisPredictionStreamOptions {
  readonly client: KinesisClient;
  /** Name of the stream. */
  readonly stream: string;
  /** Told why rows failed: one line per batch that has any. */
  readonly logger: Logger;
  /** Calls in flight at once. @default 4 */
  readonly concurrency?: number;
  /** @default putRecordsLimits */
  readonly limits?: PutRecordsLimits;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Kinesis' bound on a partition key, in characters. */
const maxPartitionKeyLength = 256;

interface Failure {
  readonly rows: readonly number[];
  readonly error: unknown;
}

/**
 * The `predictions` stream in Kinesis.
 *
 * Of a call that succeeds in part only the records that failed are put again; so records of one partition may
 * change order, and a record whose answer was lost may come twice. Consumers tell doubles by `predictionId`.
 */
export class KinesisPredictionStream implements PredictionStream {
  readonly #client: KinesisClient;
  readonly #stream: string;
  readonly #logger: Logger;
  readonly #concurrency: number;
  readonly #limits: PutRecordsLimits;
  readonly #retry: Retry;

  constructor(options: KinesisPredictionStreamOptions) {
    this.#client = options.client;
    this.#stream = options.stream;
    this.#logger = options.logger;
    this.#concurrency = options.concurrency ?? 4;
    this.#limits = options.limits ?? putRecordsLimits;
    this.#retry = options.retry ?? defaultRetry;
  }

  async put(batch: PredictionBatch): Promise<readonly number[]> {
    const entries = Array.from({ length: batch.count }, (_, row) => toEntry(batch, row));
    const plan = planPutRecords(entries.map(sizeOf), this.#limits);
    const failures: Failure[] = plan.oversized.map((row) => ({
      rows: [row],
      error: oversized(batch.predictionIds[row]!, sizeOf(entries[row]!), this.#limits.maxRecordBytes),
    }));
    const budget = startBudget(this.#retry);
    await forEachBounded(plan.calls.length, this.#concurrency, async (index) => {
      const failure = await this.#putRows(entries, plan.calls[index]!, budget);
      if (failure !== undefined) failures.push(failure);
    });
    if (failures.length === 0) return [];
    const failed = failures.flatMap((each) => each.rows).sort((a, b) => a - b);
    this.#logger.warn("predictions were not put on the stream", {
      failedCount: failed.length,
      oversizedCount: plan.oversized.length,
      rowCount: batch.count,
      error: toHeadraceError(failures[0]!.error, `kinesis PutRecords to ${this.#stream}`),
    });
    return failed;
  }

  async #putRows(
    entries: readonly PutRecordsRequestEntry[],
    rows: readonly number[],
    budget: RetryBudget,
  ): Promise<Failure | undefined> {
    if (budget.isSpent()) return { rows, error: budgetSpent() };
    let pending = rows;
    for (let attempt = 1; ; attempt++) {
      let error: unknown;
      try {
        const command = new PutRecordsCommand({
          StreamName: this.#stream,
          Records: pending.map((row) => entries[row]!),
        });
        const results = (await this.#client.send(command)).Records ?? [];
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
}

function toEntry(batch: PredictionBatch, row: number): PutRecordsRequestEntry {
  return {
    Data: Buffer.from(batch.bodies[row]!),
    PartitionKey: partitionKey(batch.entities[row]!, batch.predictionIds[row]!),
  };
}

/** An entity too long for a key stands in it by its hash; without one, predictions spread over the shards. */
function partitionKey(entity: string, predictionId: string): string {
  if (entity === "") return predictionId;
  if (entity.length <= maxPartitionKeyLength) return entity;
  return createHash("sha256").update(entity).digest("hex");
}

function sizeOf(entry: PutRecordsRequestEntry): number {
  return entry.Data!.byteLength + Buffer.byteLength(entry.PartitionKey!);
}

function isPut(result: PutRecordsResultEntry | undefined): boolean {
  return result?.SequenceNumber !== undefined && result.ErrorCode === undefined;
}

function recordRefused(result: PutRecordsResultEntry | undefined): DependencyError {
  const isThrottle = result?.ErrorCode === "ProvisionedThroughputExceededException";
  return new DependencyError(
    `kinesis record: ${result?.ErrorCode ?? "no answer"}: ${result?.ErrorMessage ?? ""}`,
    {
      code: isThrottle ? "dependency.throttled" : "dependency.unavailable",
    },
  );
}

function oversized(predictionId: string, sizeBytes: number, maxBytes: number): InvariantError {
  return new InvariantError(
    `prediction ${predictionId}: got a record of ${sizeBytes} bytes, allowed ${maxBytes}; declare fewer outputs`,
    { details: { predictionId, sizeBytes, maxBytes } },
  );
}

function budgetSpent(): DependencyError {
  return new DependencyError("predictions: the batch's retry budget is spent; deliver it again", {
    code: "dependency.timeout",
  });
}
