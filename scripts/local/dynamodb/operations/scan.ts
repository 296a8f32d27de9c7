import { z } from "zod";
import { type DynamoDbContext, findTable } from "../dynamodb-context.ts";
import { invalid } from "../errors.ts";
import { createExpressionScope } from "../expressions/expression-scope.ts";
import { parseCondition } from "../expressions/parse-condition.ts";
import { parseProjection } from "../expressions/projection.ts";
import { pageFields, refuseIndex, refuseSelect, startKeyOf } from "../page-input.ts";
import { parseInput } from "../parse-input.ts";
import { readPage } from "../read-page.ts";
import type { StoredItem } from "../sorted-items.ts";
import { hashOf, type ItemKey, type Partition, type Table } from "../table.ts";

const schema = z.object({
  ...pageFields,
  Segment: z.number().int().min(0).max(999_999).optional(),
  TotalSegments: z.number().int().min(1).max(1_000_000).optional(),
});

export function scan(context: DynamoDbContext, input: unknown): object {
  const request = parseInput(schema, input);
  const { ProjectionExpression, FilterExpression } = request;
  const scope = createExpressionScope(request, { ProjectionExpression, FilterExpression });
  refuseSelect(request);
  const isWithin = segmentOf(request);
  const filter = parseCondition("FilterExpression", request, scope);
  const paths = parseProjection(request, scope);
  scope.refuseUnused();
  const table = findTable(context, request.TableName);
  refuseIndex(table, request);
  const start = startKeyOf(table, request);
  if (start !== undefined && !isWithin(hashOf(start.partition))) {
    const { TotalSegments, Segment } = request;
    throw invalid(
      `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${TotalSegments} Segment: ${Segment}`,
    );
  }
  return readPage(table, walk(table, isWithin, start), { ...request, filter, paths });
}

/** @returns whether a partition of this hash is in the segment asked for. */
function segmentOf(request: {
  readonly Segment?: number | undefined;
  readonly TotalSegments?: number | undefined;
}): (hash: number) => boolean {
  const { Segment, TotalSegments } = request;
  if (Segment === undefined && TotalSegments === undefined) return () => true;
  const missing = (name: string, given: string) =>
    invalid(`The ${name} parameter is required but was not present in the request when ${given} is present`);
  if (TotalSegments === undefined) throw missing("TotalSegments", "Segment parameter");
  if (Segment === undefined) throw missing("Segment", "parameter TotalSegments");
  if (Segment >= TotalSegments) {
    throw invalid(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
  }
  return (hash) => Math.floor((hash * TotalSegments) / 2 ** 32) === Segment;
}

function* walk(
  table: Table,
  isWithin: (hash: number) => boolean,
  start: ItemKey | undefined,
): Generator<StoredItem> {
  const startHash = start && hashOf(start.partition);
  for (const partition of table.partitionsInHashOrder()) {
    if (!isWithin(partition.hash)) continue;
    let position = 0;
    if (start !== undefined && startHash !== undefined) {
      if (isBefore(partition, start, startHash)) continue;
      if (partition.text === start.partition) position = partition.items.positionAfter(start.sort);
    }
    for (; position < partition.items.size; position++) yield partition.items.at(position);
  }
}

function isBefore({ hash, text }: Partition, start: ItemKey, startHash: number): boolean {
  return hash < startHash || (hash === startHash && text < start.partition);
}
