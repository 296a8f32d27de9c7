import { isDeepStrictEqual } from "node:util";
import type { AttributeValue, PutItemInput } from "@aws-sdk/client-dynamodb";
import { ConflictError, InvariantError } from "../../core/errors.ts";
import {
  type LearningRecord,
  type LearningStore,
  learningRecord,
} from "../../core/train/loop/learning-record.ts";
import { fromItem, toItem } from "./attribute-value.ts";
import { callAws } from "./call-aws.ts";
import { defaultRetry, type Retry } from "./retry.ts";
import type { TableClient } from "./table-client.ts";
import { isConditionFailed } from "./table-error.ts";

export interface DynamoLearningStoreOptions {
  readonly client: TableClient;
  /** Partition key `pk`, sort key `sk` (strings): the table of sketches. */
  readonly table: string;
  /** @default defaultRetry */
  readonly retry?: Retry;
}

/** Records of retraining in a DynamoDB table: one item per model, `<model>#learning` / `record`, its fields as attributes. */
export class DynamoLearningStore implements LearningStore {
  readonly #client: TableClient;
  readonly #table: string;
  readonly #retry: Retry;

  constructor(options: DynamoLearningStoreOptions) {
    this.#client = options.client;
    this.#table = options.table;
    this.#retry = options.retry ?? defaultRetry;
  }

  async read(model: string): Promise<LearningRecord | undefined> {
    const item = await callAws(`dynamodb GetItem of table ${this.#table}`, this.#retry, () =>
      this.#get(model),
    );
    return item && toRecord(model, item);
  }

  async write(model: string, record: LearningRecord): Promise<void> {
    const isFirst = record.revision === 1;
    const input: PutItemInput = {
      TableName: this.#table,
      Item: { ...keyOf(model), ...toItem(record) },
      ConditionExpression: isFirst ? "attribute_not_exists(pk)" : "#revision = :before",
      ...(!isFirst && {
        ExpressionAttributeNames: { "#revision": "revision" },
        ExpressionAttributeValues: { ":before": { N: String(record.revision - 1) } },
      }),
    };
    await callAws(`dynamodb PutItem to table ${this.#table}`, this.#retry, async (attempt) => {
      try {
        await this.#client.putItem(input);
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        // What was sent before may have been written although its answer was lost: then what stands is ours.
        const isSentBefore = attempt > 1 || error.$metadata.attempts > 1;
        if (isSentBefore && (await this.#holds(model, record))) return;
        throw conflict(model, record, error);
      }
    });
  }

  async #get(model: string): Promise<Record<string, AttributeValue> | undefined> {
    const { Item } = await this.#client.getItem({
      TableName: this.#table,
      Key: keyOf(model),
      ConsistentRead: true,
    });
    return Item;
  }

  async #holds(model: string, record: LearningRecord): Promise<boolean> {
    const item = await this.#get(model);
    return item !== undefined && isDeepStrictEqual(toRecord(model, item), fromItem(toItem(record)));
  }
}

function keyOf(model: string) {
  return { pk: { S: `${model}#learning` }, sk: { S: "record" } };
}

function toRecord(model: string, { pk: _, sk: __, ...item }: Record<string, AttributeValue>): LearningRecord {
  const parsed = learningRecord.safeParse(fromItem(item));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new InvariantError(
    `learning of ${model}: got a record that is not one: ${issues.join(", ")}; restore it, or delete the item`,
    { details: { model, issues } },
  );
}

function conflict(model: string, { revision }: LearningRecord, cause: unknown): ConflictError {
  return new ConflictError(
    `learning of ${model}: got revision ${revision}, expected one above what stands; read it again`,
    { code: "dependency.conflict", details: { model, revision }, cause },
  );
}
