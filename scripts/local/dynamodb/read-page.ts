import type { Item } from "./attribute-value.ts";
import { type ConsumedCapacity, consumed, type ReturnConsumedCapacity, readUnits } from "./capacity.ts";
import type { Condition } from "./expressions/condition.ts";
import { holds } from "./expressions/evaluate-condition.ts";
import type { DocumentPath } from "./expressions/expression-reader.ts";
import { project } from "./expressions/projection.ts";
import type { StoredItem } from "./sorted-items.ts";
import { pickKey, type Table } from "./table.ts";

export interface PageRequest {
  /** Items looked at, whether the filter keeps them or not. */
  readonly Limit?: number | undefined;
  readonly Select?: string | undefined;
  readonly ConsistentRead?: boolean | undefined;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
  readonly filter: Condition | undefined;
  readonly paths: readonly DocumentPath[] | undefined;
}

/** What a query or a scan answers. */
export interface Page {
  /** Left out when only the count was asked for. */
  readonly Items: readonly Item[] | undefined;
  readonly Count: number;
  readonly ScannedCount: number;
  /** Where the next page starts; there may turn out to be nothing more. */
  readonly LastEvaluatedKey: Item | undefined;
  readonly ConsumedCapacity: ConsumedCapacity | undefined;
}

/** A page ends with the item that reaches this. */
const maxPageBytes = 1024 * 1024;

/** @param candidates - what fits the key condition, in order. */
export function readPage(table: Table, candidates: Iterable<StoredItem>, request: PageRequest): Page {
  const { Limit = Number.POSITIVE_INFINITY, filter, paths } = request;
  const kept: Item[] = [];
  let sizeBytes = 0;
  let scannedCount = 0;
  let last: Item | undefined;
  for (const stored of candidates) {
    scannedCount++;
    sizeBytes += stored.sizeBytes;
    if (filter === undefined || holds(filter, stored.item)) kept.push(stored.item);
    if (scannedCount < Limit && sizeBytes < maxPageBytes) continue;
    last = pickKey(table, stored.item);
    break;
  }
  const units = readUnits(sizeBytes, request.ConsistentRead);
  return {
    Items: request.Select === "COUNT" ? undefined : kept.map((item) => project(item, paths)),
    Count: kept.length,
    ScannedCount: scannedCount,
    LastEvaluatedKey: last,
    ConsumedCapacity: consumed(request.ReturnConsumedCapacity, table.definition.name, units),
  };
}
