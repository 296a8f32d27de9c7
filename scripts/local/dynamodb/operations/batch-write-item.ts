import { z } from "zod";
import { parseItem } from "../attribute-value.ts";
import { consumed, writeUnits } from "../capacity.ts";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { measureItem } from "../item-size.ts";
import { attributesField, parseInput, returnConsumedCapacityField, tableNameField } from "../parse-input.ts";
import type { StoredItem } from "../sorted-items.ts";
import { type ItemKey, keyOf, keyOfItem, type Table } from "../table.ts";

const maxWrites = 25;

const schema = z.object({
  RequestItems: z
    .record(
      tableNameField,
      z
        .array(
          z.object({
            PutRequest: z.object({ Item: attributesField }).nullish(),
            DeleteRequest: z.object({ Key: attributesField }).nullish(),
          }),
        )
        .min(1)
        .max(maxWrites),
    )
    .refine((tables) => Object.keys(tables).length > 0),
  ReturnConsumedCapacity: returnConsumedCapacityField,
});

type WriteRequest = z.output<typeof schema>["RequestItems"][string][number];

/** A write that is known to be right. */
interface Write {
  readonly key: ItemKey;
  /** Undefined deletes. */
  readonly after: StoredItem | undefined;
}

export function batchWriteItem(context: DynamoDbContext, input: unknown): object {
  const { RequestItems, ReturnConsumedCapacity } = parseInput(schema, input);
  const requests = Object.entries(RequestItems);
  if (requests.reduce((total, [, writes]) => total + writes.length, 0) > maxWrites) {
    throw invalid("Too many items requested for the BatchWriteItem call");
  }
  const prepared = requests.map(([name, writes]) => {
    const table = findTable(context, name);
    return { table, writes: prepare(table, writes) };
  });
  const ConsumedCapacity = prepared.map(({ table, writes }) => {
    let units = 0;
    for (const { key, after } of writes) {
      units += writeUnits(table.get(key)?.sizeBytes ?? 0, after?.sizeBytes ?? 0);
      if (after === undefined) table.delete(key);
      else table.put(key, after);
    }
    return consumed(ReturnConsumedCapacity, table.definition.name, units);
  });
  return {
    UnprocessedItems: {},
    ConsumedCapacity: ConsumedCapacity[0] === undefined ? undefined : ConsumedCapacity,
  };
}

/** Nothing is written before all is known to be right. */
function prepare(table: Table, requests: readonly WriteRequest[]): readonly Write[] {
  const writes = requests.map(({ PutRequest, DeleteRequest }): Write => {
    if ((PutRequest == null) === (DeleteRequest == null)) {
      throw invalid(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
      );
    }
    if (PutRequest == null) return { key: keyOf(table, parseItem(DeleteRequest?.Key)), after: undefined };
    const after = measureItem(parseItem(PutRequest.Item), "Item size has exceeded the maximum allowed size");
    return { key: keyOfItem(table, after.item), after };
  });
  if (new Set(writes.map(({ key }) => JSON.stringify([key.partition, key.sort]))).size < writes.length) {
    throw invalid("Provided list of item keys contains duplicates");
  }
  return writes;
}
