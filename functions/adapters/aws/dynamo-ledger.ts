import { isDeepStrictEqual } from "node:util";
import type { AttributeValue, PutItemInput, QueryInput } from "@aws-sdk/client-dynamodb";
import { type LedgerEntry, ledgerEntry } from "../../contract/ledger.ts";
import { ConflictError, InvariantError } from "../../core/errors.ts";
import type { Ledger } from "../../core/rollout/ledger.ts";
import { fromItem, toItem } from "./attribute-value.ts";
import { callAws } from "./call-aws.ts";
import { defaultRetry, type Retry } from "./retry.ts";
import type { TableClient } from "./table-client.ts";
import { isConditionFailed } from "./table-error.ts";

export interface DynamoLedgerOptions {
  readonly client: TableClient;
  /** Partition key `model` (string), sort key `revision` (number). */
  readonly table: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** The ledger in a DynamoDB table: one item per revision, its fields as attributes. All reads are consistent. */
export class DynamoLedger implements Ledger {
  readonly #client: TableClient;
  readonly #table: string;
  readonly #retry: Retry;

  constructor(options: DynamoLedgerOptions) {
    this.#client = options.client;
    this.#table = options.table;
    this.#retry = options.retry ?? defaultRetry;
  }

  async latest(model: string): Promise<LedgerEntry | undefined> {
    return (await this.history(model, { limit: 1 }))[0];
  }

  async history(model: string, options: { limit?: number } = {}): Promise<readonly LedgerEntry[]> {
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    const entries: LedgerEntry[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const input: QueryInput = {
        TableName: this.#table,
        KeyConditionExpression: "#model = :model",
        ExpressionAttributeNames: { "#model": "model" },
        ExpressionAttributeValues: { ":model": { S: model } },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: Number.isFinite(limit) ? limit - entries.length : undefined,
        ExclusiveStartKey: from,
      };
      const page = await callAws(`dynamodb Query of table ${this.#table}`, this.#retry, () =>
        this.#client.query(input),
      );
      for (const item of page.Items ?? []) entries.push(toEntry(item));
      from = page.LastEvaluatedKey;
    } while (from !== undefined && entries.length < limit);
    return entries;
  }

  async append(entry: LedgerEntry): Promise<void> {
    const input: PutItemInput = {
      TableName: this.#table,
      Item: toItem(entry),
      ConditionExpression: "attribute_not_exists(#model)",
      ExpressionAttributeNames: { "#model": "model" },
    };
    await callAws(`dynamodb PutItem to table ${this.#table}`, this.#retry, async (attempt) => {
      try {
        await this.#client.putItem(input);
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        // What was sent before may have been written although its answer was lost: then what stands is ours.
        const isSentBefore = attempt > 1 || error.$metadata.attempts > 1;
        if (isSentBefore && (await this.#holds(entry))) return;
        throw conflict(entry, error);
      }
    });
  }

  async #holds(entry: LedgerEntry): Promise<boolean> {
    const { Item } = await this.#client.getItem({
      TableName: this.#table,
      Key: { model: { S: entry.model }, revision: { N: String(entry.revision) } },
      ConsistentRead: true,
    });
    return Item !== undefined && isDeepStrictEqual(fromItem(Item), fromItem(toItem(entry)));
  }
}

function toEntry(item: Record<string, AttributeValue>): LedgerEntry {
  const parsed = ledgerEntry.safeParse(fromItem(item));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new InvariantError(
    `ledger: got an entry of ${item.model?.S} (revision ${item.revision?.N}) that is not one: ${issues.join(", ")}`,
    { details: { model: item.model?.S, revision: item.revision?.N, issues } },
  );
}

function conflict(entry: LedgerEntry, cause: unknown): ConflictError {
  return new ConflictError(
    `ledger: got revision ${entry.revision} of ${entry.model}, which exists; read the newest entry and decide anew`,
    { code: "dependency.conflict", details: { model: entry.model, revision: entry.revision }, cause },
  );
}
