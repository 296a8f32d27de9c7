import type { AttributeValue, ConsumedCapacity, QueryInput } from "@aws-sdk/client-dynamodb";
import { InvariantError } from "../../core/errors.ts";
import type { RetryBudget } from "./retry.ts";
import type { TableClient } from "./table-client.ts";
import { withinBudget } from "./within-budget.ts";

export type Item = Record<string, AttributeValue>;

export interface ItemQuery {
  readonly client: TableClient;
  readonly input: QueryInput;
  readonly budget: RetryBudget;
  /** Told what each page cost, where `input` asks for it. */
  readonly onCapacity?: ((capacity: ConsumedCapacity | undefined) => void) | undefined;
}

/** A page holds up to 1 MiB: what is more than this in memory was no sensible question. */
const maxPages = 64;

/**
 * Follow a query through all its pages, each tried again within the budget.
 *
 * @throws {InvariantError} when the answer has more than 64 pages; and what the client throws.
 */
export async function queryItems({ client, input, budget, onCapacity }: ItemQuery): Promise<Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  for (let page = 1; page <= maxPages; page++) {
    const asked = { ...input, ExclusiveStartKey: from };
    const answer = await withinBudget(budget, () => client.query(asked));
    onCapacity?.(answer.ConsumedCapacity);
    items.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
    if (from === undefined) return items;
  }
  throw new InvariantError(
    `dynamodb Query of table ${input.TableName}: got more than ${maxPages} pages of 1 MiB; ask for a narrower range`,
    { details: { table: input.TableName, maxPages } },
  );
}
