import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import type { Logger } from "../../core/observe/logger.ts";
import type {
  FailedWrite,
  ShardStateStore,
  StateItem,
  StateRange,
  StateWrite,
} from "../../core/state/shard-state-store.ts";
import { toHeadraceError } from "./aws-errors.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { type Item, queryItems } from "./query-items.ts";
import { defaultRetry, type Retry, type RetryBudget, startBudget } from "./retry.ts";
import { markIn, partName, toPartAttribute, toStateItem } from "./shard-part.ts";
import type { TableClient } from "./table-client.ts";
import { isConditionFailed } from "./table-error.ts";
import { withinBudget } from "./within-budget.ts";

export interface DynamoShardStateStoreOptions {
  readonly client: TableClient;
  /** Partition key `pk`, sort key `sk` (strings), TTL attribute `expiresAt`. */
  readonly table: string;
  /** Told why writes were not made: one line per call that has any. */
  readonly logger: Logger;
  /** Requests of one call in flight at once. @default 32 */
  readonly concurrency?: number;
  /** @default defaultRetry */
  readonly retry?: Retry;
  /**
   * Told the read and write units of every answer. DynamoDB does not say what requests cost that it refused or whose
   * answer was lost.
   *
   * @default units are not asked for
   */
  readonly onUnits?: (read: number, write: number) => void;
}

/**
 * State in a DynamoDB table: an item has one attribute per shard, `s:<shard>`, which only that shard's writer replaces,
 * on condition that its mark is the one that was read.
 *
 * All requests of one call share one retry budget.
 */
export class DynamoShardStateStore implements ShardStateStore {
  readonly #client: TableClient;
  readonly #table: string;
  readonly #logger: Logger;
  readonly #concurrency: number;
  readonly #retry: Retry;
  readonly #onUnits: DynamoShardStateStoreOptions["onUnits"];
  readonly #capacity: { readonly ReturnConsumedCapacity?: "TOTAL" };

  constructor(options: DynamoShardStateStoreOptions) {
    this.#client = options.client;
    this.#table = options.table;
    this.#logger = options.logger;
    this.#concurrency = options.concurrency ?? 32;
    this.#retry = options.retry ?? defaultRetry;
    this.#onUnits = options.onUnits;
    this.#capacity = options.onUnits === undefined ? {} : { ReturnConsumedCapacity: "TOTAL" };
  }

  async read(ranges: readonly StateRange[]): Promise<readonly (readonly StateItem[])[]> {
    const items: StateItem[][] = ranges.map(() => []);
    const budget = startBudget(this.#retry);
    let failure: { readonly error: unknown } | undefined;
    await forEachBounded(ranges.length, this.#concurrency, async (i) => {
      // Without one of the ranges the others are of no use.
      if (failure !== undefined) return;
      try {
        items[i] = (await this.#readRange(ranges[i]!, budget)).map(toStateItem);
      } catch (error) {
        failure ??= { error };
      }
    });
    if (failure !== undefined) throw toHeadraceError(failure.error, `dynamodb read of table ${this.#table}`);
    return items;
  }

  async write(writes: readonly StateWrite[]): Promise<readonly FailedWrite[]> {
    const failed: FailedWrite[] = [];
    const budget = startBudget(this.#retry);
    let firstError: unknown;
    await forEachBounded(writes.length, this.#concurrency, async (index) => {
      try {
        const isMade = await withinBudget(budget, () => this.#writeOnce(writes[index]!));
        if (!isMade) failed.push({ index, reason: "conflict" });
      } catch (error) {
        failed.push({ index, reason: "unavailable" });
        firstError ??= error;
      }
    });
    if (failed.length > 0) this.#warn(failed, writes.length, firstError);
    return failed.sort((a, b) => a.index - b.index);
  }

  async #readRange({ partitionKey, from, to }: StateRange, budget: RetryBudget): Promise<readonly Item[]> {
    const order = Buffer.compare(Buffer.from(from), Buffer.from(to));
    // DynamoDB calls such a range malformed; it is empty.
    if (order > 0) return [];
    if (order === 0) {
      const item = await withinBudget(budget, () => this.#get(partitionKey, from));
      return item === undefined ? [] : [item];
    }
    return await queryItems({
      client: this.#client,
      budget,
      onCapacity: (capacity) => this.#report(capacity, "read"),
      input: {
        TableName: this.#table,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues: { ":pk": { S: partitionKey }, ":from": { S: from }, ":to": { S: to } },
        ConsistentRead: true,
        ...this.#capacity,
      },
    });
  }

  async #get(partitionKey: string, sortKey: string): Promise<Item | undefined> {
    const { Item, ConsumedCapacity } = await this.#client.getItem({
      TableName: this.#table,
      Key: { pk: { S: partitionKey }, sk: { S: sortKey } },
      ConsistentRead: true,
      ...this.#capacity,
    });
    this.#report(ConsumedCapacity, "read");
    return Item;
  }

  /** @returns whether the part stands, by this attempt or by an earlier one whose answer was lost. */
  async #writeOnce({
    partitionKey,
    sortKey,
    shard,
    expected,
    part,
    expiresAt,
  }: StateWrite): Promise<boolean> {
    try {
      const { ConsumedCapacity } = await this.#client.updateItem({
        TableName: this.#table,
        Key: { pk: { S: partitionKey }, sk: { S: sortKey } },
        UpdateExpression: "SET #shard = :part, expiresAt = :expiresAt",
        ConditionExpression: expected === undefined ? "attribute_not_exists(#shard)" : "#shard.m = :expected",
        ExpressionAttributeNames: { "#shard": partName(shard) },
        ExpressionAttributeValues: {
          ":part": toPartAttribute(part),
          ":expiresAt": { N: String(expiresAt) },
          ...(expected !== undefined && { ":expected": { S: expected } }),
        },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        ...this.#capacity,
      });
      this.#report(ConsumedCapacity, "write");
      return true;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      // Some emulators do not return the item; then it is read.
      const standing = error.Item ?? (await this.#get(partitionKey, sortKey));
      // A shard's state up to a mark is determined by its events: whoever wrote this mark wrote this part.
      return markIn(standing, shard) === part.mark;
    }
  }

  #report(capacity: ConsumedCapacity | undefined, kind: "read" | "write"): void {
    const units = capacity?.CapacityUnits ?? 0;
    if (kind === "read") this.#onUnits?.(units, 0);
    else this.#onUnits?.(0, units);
  }

  #warn(failed: readonly FailedWrite[], writeCount: number, firstError: unknown): void {
    const conflictCount = failed.filter(({ reason }) => reason === "conflict").length;
    this.#logger.warn("state was not written", {
      conflictCount,
      unavailableCount: failed.length - conflictCount,
      writeCount,
      ...(firstError !== undefined && {
        error: toHeadraceError(firstError, `dynamodb UpdateItem of table ${this.#table}`),
      }),
    });
  }
}
