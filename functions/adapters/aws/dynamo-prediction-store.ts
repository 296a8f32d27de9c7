import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { DependencyError, InvariantError } from "../../core/errors.ts";
import type { Logger } from "../../core/observe/logger.ts";
import type { PredictionBatch } from "../../core/prediction/prediction-batch.ts";
import type { PredictionStore, StoreResult } from "../../core/prediction/prediction-store.ts";
import { isTransient, toHeadraceError } from "./aws-errors.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { predictionKey } from "./prediction-key.ts";
import { defaultRetry, type Retry, type RetryBudget, startBudget } from "./retry.ts";
import type { TableClient } from "./table-client.ts";
import { isConditionFailed } from "./table-error.ts";

export interface DynamoPredictionStoreOptions {
  readonly client: TableClient;
  /** Partition key `pk`, sort key `sk` (strings), TTL attribute `expiresAt`. */
  readonly table: string;
  /** Told why rows failed: one line per batch that has any. */
  readonly logger: Logger;
  /** Puts in flight at once. @default 32 */
  readonly concurrency?: number;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

type Item = Record<string, AttributeValue>;

/** DynamoDB's bound on an item, in bytes, names included. */
const maxItemBytes = 400 * 1024;

/**
 * Predictions in a DynamoDB table: one conditional put per row, for batch writes know no conditions.
 *
 * A row that is refused, or throttled until the batch's retry budget is spent, fails alone.
 */
export class DynamoPredictionStore implements PredictionStore {
  readonly #client: TableClient;
  readonly #table: string;
  readonly #logger: Logger;
  readonly #concurrency: number;
  readonly #retry: Retry;

  constructor(options: DynamoPredictionStoreOptions) {
    this.#client = options.client;
    this.#table = options.table;
    this.#logger = options.logger;
    this.#concurrency = options.concurrency ?? 32;
    this.#retry = options.retry ?? defaultRetry;
  }

  async put(batch: PredictionBatch): Promise<StoreResult> {
    const existing = new Map<number, string>();
    const failed: number[] = [];
    let firstError: unknown;
    const budget = startBudget(this.#retry);
    await forEachBounded(batch.count, this.#concurrency, async (row) => {
      try {
        const standing = await this.#putRow(toItem(batch, row), budget);
        if (standing !== undefined) existing.set(row, standing);
      } catch (error) {
        failed.push(row);
        firstError ??= error;
      }
    });
    if (failed.length > 0) {
      this.#logger.warn("predictions were not stored", {
        failedCount: failed.length,
        rowCount: batch.count,
        error: toHeadraceError(firstError, `dynamodb PutItem to table ${this.#table}`),
      });
    }
    return { existing, failed: failed.sort((a, b) => a - b) };
  }

  /** @returns the body that stands, where an earlier delivery wrote it; undefined where this call did. */
  async #putRow(item: Item, budget: RetryBudget): Promise<string | undefined> {
    if (budget.isSpent()) throw budgetSpent();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#putOnce(item);
      } catch (error) {
        if (!isTransient(error) || !(await budget.wait(attempt))) throw error;
      }
    }
  }

  async #putOnce(item: Item): Promise<string | undefined> {
    try {
      await this.#client.putItem({
        TableName: this.#table,
        Item: item,
        ConditionExpression: "attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      return undefined;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      // Some emulators do not return the item; then it is read.
      const standing = error.Item?.body?.S ?? (await this.#readBody(item));
      if (standing !== undefined) return standing;
      throw new DependencyError("prediction: expired between put and read; put it again", {
        code: "dependency.conflict",
        cause: error,
      });
    }
  }

  async #readBody(item: Item): Promise<string | undefined> {
    const { Item } = await this.#client.getItem({
      TableName: this.#table,
      Key: { pk: item.pk!, sk: item.sk! },
      ConsistentRead: true,
      ProjectionExpression: "body",
    });
    return Item?.body?.S;
  }
}

function toItem(batch: PredictionBatch, row: number): Item {
  const { pk, sk } = predictionKey(batch, row);
  const body = batch.bodies[row]!;
  const features = batch.features[row]!;
  const rival = batch.rivals?.[row];
  const texts = { pk, sk, body, ...(rival !== undefined && { rival }) };
  const textBytes = Object.entries(texts)
    .flat()
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  // A number takes at most 21 bytes.
  const sizeBytes = textBytes + "features".length + features.length + "expiresAt".length + 21;
  if (sizeBytes > maxItemBytes) {
    throw new InvariantError(
      `prediction ${sk}: got an item of ${sizeBytes} bytes, allowed ${maxItemBytes}; store no features this wide`,
      { details: { sizeBytes, maxItemBytes } },
    );
  }
  return {
    pk: { S: pk },
    sk: { S: sk },
    body: { S: body },
    ...(rival !== undefined && { rival: { S: rival } }),
    features: { B: features },
    expiresAt: { N: String(batch.expiresAt[row]!) },
  };
}

function budgetSpent(): DependencyError {
  return new DependencyError("prediction: the batch's retry budget is spent; deliver it again", {
    code: "dependency.timeout",
  });
}
