import { setTimeout as wait } from "node:timers/promises";
import type { AttributeValue, WriteRequest } from "@aws-sdk/client-dynamodb";
import type { SharedLookup, SharedResultCache } from "../../core/cache/shared-result-cache.ts";
import { DependencyError } from "../../core/errors.ts";
import type { Logger } from "../../core/observe/logger.ts";
import { toHeadraceError } from "./aws-errors.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import type { TableClient } from "./table-client.ts";

export interface DynamoResultCacheOptions {
  readonly client: TableClient;
  /** Partition key `key` (string), TTL attribute `expiresAt`. */
  readonly table: string;
  /** How long what is written stands. */
  readonly ttlSeconds: number;
  /** Told why a call failed: one line per call that did. */
  readonly logger: Logger;
  /** What one `get` may take, all its requests together. @default 150 */
  readonly getTimeoutMs?: number;
  /** What one `set` may take, all its requests together. @default 250 */
  readonly setTimeoutMs?: number;
  /** Requests in flight at once. @default 16 */
  readonly concurrency?: number;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

type Item = Record<string, AttributeValue>;

/** DynamoDB's own bounds on one request. */
const keysPerGet = 100;
const itemsPerWrite = 25;
/** Requests for one batch, the first and those for what DynamoDB left unprocessed; and the bound of the first wait. */
const attempts = 3;
const waitMs = 10;
/** Greater results are not written: the capacity to read one would cost more than running most models. */
const maxOutputsBytes = 64 * 1024;

/** Shared results in a DynamoDB table, an item each. A call ends when its time is up, whatever is still under way. */
export class DynamoResultCache implements SharedResultCache {
  readonly #options: Required<DynamoResultCacheOptions>;

  constructor(options: DynamoResultCacheOptions) {
    this.#options = { getTimeoutMs: 150, setTimeoutMs: 250, concurrency: 16, now: Date.now, ...options };
  }

  async get(keys: readonly string[]): Promise<SharedLookup> {
    const { client, table, getTimeoutMs } = this.#options;
    const found = new Map<string, string>();
    const nowSeconds = this.#options.now() / 1_000;
    const batches = batchesOf([...new Set(keys)], keysPerGet);
    const isDone = await this.#work("BatchGetItem", getTimeoutMs, batches, async (batch, abortSignal) => {
      const Keys = batch.map((key): Item => ({ key: { S: key } }));
      return await untilProcessed(Keys, abortSignal, async (left) => {
        const RequestItems = { [table]: { Keys: left } };
        const { Responses, UnprocessedKeys } = await client.batchGetItem({ RequestItems }, { abortSignal });
        for (const { key, outputs, expiresAt } of Responses?.[table] ?? []) {
          // DynamoDB may take days to delete what has expired.
          if (key?.S !== undefined && outputs?.S !== undefined && Number(expiresAt?.N) > nowSeconds)
            found.set(key.S, outputs.S);
        }
        return UnprocessedKeys?.[table]?.Keys ?? [];
      });
    });
    // What comes after the time is up must not change what the caller has.
    return { found: new Map(found), failed: !isDone };
  }

  async set(entries: ReadonlyMap<string, string>): Promise<boolean> {
    const { client, table, setTimeoutMs, ttlSeconds, now } = this.#options;
    const expiresAt = { N: String(Math.ceil(now() / 1_000) + ttlSeconds) };
    const requests = [...entries]
      .filter(([, outputs]) => Buffer.byteLength(outputs) <= maxOutputsBytes)
      .map(
        ([key, outputs]): WriteRequest => ({
          PutRequest: { Item: { key: { S: key }, outputs: { S: outputs }, expiresAt } },
        }),
      );
    const batches = batchesOf(requests, itemsPerWrite);
    return await this.#work("BatchWriteItem", setTimeoutMs, batches, (batch, abortSignal) =>
      untilProcessed(batch, abortSignal, async (left) => {
        const RequestItems = { [table]: left };
        const { UnprocessedItems } = await client.batchWriteItem({ RequestItems }, { abortSignal });
        return UnprocessedItems?.[table] ?? [];
      }),
    );
  }

  /**
   * Do all batches within one time. After a request that failed no further ones start: they would likely fail as well.
   *
   * @param work - does one batch; false where some of it was left undone.
   * @returns whether all was done.
   */
  async #work<Part>(
    operation: string,
    timeoutMs: number,
    batches: readonly Part[][],
    work: (batch: Part[], signal: AbortSignal) => Promise<boolean>,
  ): Promise<boolean> {
    if (batches.length === 0) return true;
    const { concurrency } = this.#options;
    const timeUp = new AbortController();
    const ended = Promise.withResolvers<void>();
    let firstError: unknown;
    const timer = setTimeout(() => {
      firstError ??= timedOut(timeoutMs);
      timeUp.abort();
      ended.resolve();
    }, timeoutMs);
    let undone = batches.length;
    const all = forEachBounded(batches.length, concurrency, async (i) => {
      if (firstError !== undefined) return;
      try {
        if (await work(batches[i]!, timeUp.signal)) undone--;
      } catch (error) {
        firstError ??= error;
      }
    });
    // An aborted request may linger, such as one that waits for credentials.
    await Promise.race([all, ended.promise]);
    clearTimeout(timer);
    if (undone > 0) this.#warn(operation, { undoneBatches: undone, batchCount: batches.length }, firstError);
    return undone === 0;
  }

  #warn(operation: string, counts: Readonly<Record<string, number>>, error: unknown): void {
    const { logger, table } = this.#options;
    logger.warn("the shared cache was not reached in full; rows it may hold are run", {
      operation,
      ...counts,
      ...(error !== undefined && {
        error: toHeadraceError(error, `dynamodb ${operation} of table ${table}`),
      }),
    });
  }
}

function timedOut(timeoutMs: number): DependencyError {
  return new DependencyError(`shared cache: not done within ${timeoutMs} ms`, { code: "dependency.timeout" });
}

/** Repeat a request for what DynamoDB left unprocessed, after waits. @returns whether nothing is left. */
async function untilProcessed<Part>(
  parts: Part[],
  signal: AbortSignal,
  request: (parts: Part[]) => Promise<Part[]>,
): Promise<boolean> {
  let left = parts;
  for (let attempt = 1; ; attempt++) {
    left = await request(left);
    if (left.length === 0) return true;
    if (attempt === attempts) return false;
    await wait(Math.random() * waitMs * 2 ** (attempt - 1), undefined, { signal });
  }
}

function batchesOf<Part>(parts: readonly Part[], size: number): Part[][] {
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, i) =>
    parts.slice(i * size, (i + 1) * size),
  );
}
