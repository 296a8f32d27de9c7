import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ConflictError, InvariantError } from "../../core/errors.ts";
import type { Logger } from "../../core/observe/logger.ts";
import type {
  OutcomeResult,
  OutcomeStore,
  OutcomeWrite,
  StandingOutcome,
  StoredPrediction,
} from "../../core/outcome/outcome-store.ts";
import { toHeadraceError } from "./aws-errors.ts";
import { forEachBounded } from "./for-each-bounded.ts";
import { eventKey, keyOf, readSortKey } from "./prediction-key.ts";
import { type Item, queryItems } from "./query-items.ts";
import { defaultRetry, type Retry, type RetryBudget, startBudget } from "./retry.ts";
import type { TableClient } from "./table-client.ts";
import { isConditionFailed } from "./table-error.ts";
import { withinBudget } from "./within-budget.ts";

export interface DynamoOutcomeStoreOptions {
  readonly client: TableClient;
  /** The table that `DynamoPredictionStore` writes: partition key `pk`, sort key `sk` (strings). */
  readonly table: string;
  /** Told why requests failed: one line per call that has any. */
  readonly logger: Logger;
  /** Requests of one call in flight at once. @default 32 */
  readonly concurrency?: number;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/**
 * Outcomes in the table of predictions: the attribute `outcome` of a prediction's item, a map of `by` (string), `label`
 * (string, JSON) and `time` (number, epoch milliseconds).
 *
 * All requests of one call share one retry budget.
 */
export class DynamoOutcomeStore implements OutcomeStore {
  readonly #client: TableClient;
  readonly #table: string;
  readonly #logger: Logger;
  readonly #concurrency: number;
  readonly #retry: Retry;

  constructor(options: DynamoOutcomeStoreOptions) {
    this.#client = options.client;
    this.#table = options.table;
    this.#logger = options.logger;
    this.#concurrency = options.concurrency ?? 32;
    this.#retry = options.retry ?? defaultRetry;
  }

  async find(
    model: string,
    eventIds: readonly string[],
  ): Promise<readonly (readonly StoredPrediction[] | "failed")[]> {
    const found: (readonly StoredPrediction[] | "failed")[] = eventIds.map(() => "failed");
    const budget = startBudget(this.#retry);
    const errors: unknown[] = [];
    await forEachBounded(eventIds.length, this.#concurrency, async (i) => {
      const eventId = eventIds[i]!;
      try {
        const items = await this.#query(eventKey(model, eventId), budget);
        found[i] = items.map((item) => toStoredPrediction(item, eventId));
      } catch (error) {
        errors.push(error);
      }
    });
    if (errors.length > 0)
      this.#warn("predictions to be joined were not read", "Query", errors, found.length);
    return found;
  }

  async write(writes: readonly OutcomeWrite[]): Promise<readonly OutcomeResult[]> {
    const results: OutcomeResult[] = writes.map(() => "failed");
    const budget = startBudget(this.#retry);
    const errors: unknown[] = [];
    const ofPredictions = [...Map.groupBy(writes.keys(), (i) => JSON.stringify(keyOf(writes[i]!))).values()];
    await forEachBounded(ofPredictions.length, this.#concurrency, async (group) => {
      try {
        for (const i of ofPredictions[group]!)
          results[i] = await withinBudget(budget, () => this.#writeOnce(writes[i]!));
      } catch (error) {
        errors.push(error);
      }
    });
    if (errors.length > 0) this.#warn("outcomes were not written", "UpdateItem", errors, writes.length);
    return results;
  }

  #query(pk: string, budget: RetryBudget): Promise<readonly Item[]> {
    return queryItems({
      client: this.#client,
      budget,
      input: {
        TableName: this.#table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: pk } },
        ConsistentRead: true,
      },
    });
  }

  async #writeOnce(write: OutcomeWrite): Promise<OutcomeResult> {
    const { pk, sk } = keyOf(write);
    const Key = { pk: { S: pk }, sk: { S: sk } };
    try {
      await this.#client.updateItem({
        TableName: this.#table,
        Key,
        UpdateExpression: "SET #outcome = :outcome",
        // Without the item an update would make one, of nothing but the outcome.
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(#outcome)",
        ExpressionAttributeNames: { "#outcome": "outcome" },
        ExpressionAttributeValues: { ":outcome": toAttribute(write.outcome) },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      return "written";
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      // Some emulators do not return the item; then it is read.
      const item = error.Item ?? (await this.#readOutcome(Key));
      const standing = item && outcomeOf(item);
      if (standing === undefined) throw predictionGone(write, error);
      return standing.by === write.outcome.by ? "written" : standing;
    }
  }

  async #readOutcome(Key: Item): Promise<Item | undefined> {
    const { Item } = await this.#client.getItem({
      TableName: this.#table,
      Key,
      ConsistentRead: true,
      ProjectionExpression: "#outcome",
      ExpressionAttributeNames: { "#outcome": "outcome" },
    });
    return Item;
  }

  #warn(message: string, operation: string, errors: readonly unknown[], count: number): void {
    this.#logger.warn(message, {
      failedCount: errors.length,
      count,
      error: toHeadraceError(errors[0], `dynamodb ${operation} of table ${this.#table}`),
    });
  }
}

function toStoredPrediction(item: Item, eventId: string): StoredPrediction {
  const { role, predictionId } = readSortKey(item.sk!.S!);
  const body = item.body?.S;
  if (body === undefined) throw malformed(item, "body", "a string");
  const features = item.features?.B ?? new Uint8Array(0);
  return { eventId, role, predictionId, body, features, rival: item.rival?.S, outcome: outcomeOf(item) };
}

function toAttribute({ by, label, timeMs }: StandingOutcome): AttributeValue {
  return { M: { by: { S: by }, label: { S: label }, time: { N: String(timeMs) } } };
}

function outcomeOf(item: Item): StandingOutcome | undefined {
  if (item.outcome === undefined) return undefined;
  const { by, label, time } = item.outcome.M ?? {};
  if (by?.S === undefined || label?.S === undefined || time?.N === undefined)
    throw malformed(item, "outcome", "a map of by (string), label (string) and time (number)");
  return { by: by.S, label: label.S, timeMs: Number(time.N) };
}

function malformed(item: Item, name: string, expected: string): InvariantError {
  const details = { pk: item.pk?.S, sk: item.sk?.S, name };
  const message = `prediction ${item.pk?.S} ${item.sk?.S}: got no "${name}" that is ${expected}`;
  return new InvariantError(message, { details });
}

function predictionGone({ role, predictionId }: OutcomeWrite, cause: unknown): ConflictError {
  return new ConflictError(
    `outcome of ${role} ${predictionId}: got a prediction that was there when it was found and is no more; find it again`,
    { code: "dependency.conflict", cause },
  );
}
