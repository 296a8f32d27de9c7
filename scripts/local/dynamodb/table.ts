import type { AttributeType, AttributeValue, Item } from "./attribute-value.ts";
import { attributeOf, typeOf } from "./attribute-value.ts";
import { sortable } from "./compare-values.ts";
import { invalid } from "./errors.ts";
import { base64SizeBytes } from "./item-size.ts";
import { SortedItems, type StoredItem } from "./sorted-items.ts";
import type { TableDefinition } from "./table-definition.ts";

export type KeyType = "S" | "N" | "B";

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** Where an item stands: the sortable texts of its keys. `sort` is empty in a table without sort key. */
export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

export interface Partition {
  readonly text: string;
  /** 32 bits by which partitions are spread, as AWS spreads them; the order of a scan. */
  readonly hash: number;
  readonly items: SortedItems;
}

/** A table in memory, with its items. */
export class Table {
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute | undefined;
  definition: TableDefinition;
  readonly tags: Map<string, string>;
  timeToLiveAttribute: string | undefined;
  itemCount = 0;
  sizeBytes = 0;
  readonly #partitions = new Map<string, Partition>();
  /** Made when a scan asks for it, and dropped when a partition comes or goes. */
  #inHashOrder: readonly Partition[] | undefined;

  constructor(definition: TableDefinition, tags: ReadonlyMap<string, string>) {
    this.definition = definition;
    this.tags = new Map(tags);
    const [partitionKey, sortKey] = definition.keySchema.map(({ AttributeName: name }) => ({
      name,
      type: definition.attributeDefinitions.find(({ AttributeName }) => AttributeName === name)!
        .AttributeType,
    }));
    this.partitionKey = partitionKey!;
    this.sortKey = sortKey;
  }

  get keys(): readonly KeyAttribute[] {
    return this.sortKey === undefined ? [this.partitionKey] : [this.partitionKey, this.sortKey];
  }

  /** @returns undefined for an item that is not there. */
  get({ partition, sort }: ItemKey): StoredItem | undefined {
    return this.#partitions.get(partition)?.items.get(sort);
  }

  put({ partition, sort }: ItemKey, stored: StoredItem): void {
    let held = this.#partitions.get(partition);
    if (held === undefined) {
      held = { text: partition, hash: hashOf(partition), items: new SortedItems() };
      this.#partitions.set(partition, held);
      this.#inHashOrder = undefined;
    }
    const before = held.items.get(sort);
    held.items.set(sort, stored);
    this.itemCount += before === undefined ? 1 : 0;
    this.sizeBytes += stored.sizeBytes - (before?.sizeBytes ?? 0);
  }

  delete({ partition, sort }: ItemKey): void {
    const held = this.#partitions.get(partition);
    const before = held?.items.get(sort);
    if (held === undefined || before === undefined) return;
    held.items.delete(sort);
    this.itemCount -= 1;
    this.sizeBytes -= before.sizeBytes;
    if (held.items.size > 0) return;
    this.#partitions.delete(partition);
    this.#inHashOrder = undefined;
  }

  partition(text: string): SortedItems | undefined {
    return this.#partitions.get(text)?.items;
  }

  partitionsInHashOrder(): readonly Partition[] {
    this.#inHashOrder ??= [...this.#partitions.values()].sort(
      (a, b) => a.hash - b.hash || (a.text < b.text ? -1 : 1),
    );
    return this.#inHashOrder;
  }
}

/**
 * Read the key out of what names an item: the key attributes and no others.
 *
 * @throws {AwsError} `ValidationException`.
 */
export function keyOf(table: Table, key: Item): ItemKey {
  const mismatch = "The provided key element does not match the schema";
  if (Object.keys(key).length !== table.keys.length) throw invalid(mismatch);
  return makeKey(table, (attribute) => {
    const value = attributeOf(key, attribute.name);
    if (value === undefined || value[attribute.type] === undefined) throw invalid(mismatch);
    refuseEmpty(value, attribute, "One or more parameter values were invalid: ");
    return value;
  });
}

/**
 * Read the key out of a whole item.
 *
 * @throws {AwsError} `ValidationException`.
 */
export function keyOfItem(table: Table, item: Item): ItemKey {
  return makeKey(table, (attribute) => {
    const value = attributeOf(item, attribute.name);
    if (value === undefined) throw unfit(`Missing the key ${attribute.name} in the item`);
    if (value[attribute.type] === undefined) {
      const types = `expected: ${attribute.type} actual: ${typeOf(value)}`;
      throw unfit(`Type mismatch for key ${attribute.name} ${types}`);
    }
    refuseEmpty(value, attribute, "One or more parameter values are not valid. ");
    return value;
  });
}

/** The key attributes of an item. */
export function pickKey(table: Table, item: Item): Item {
  return Object.fromEntries(table.keys.map(({ name }) => [name, item[name]!]));
}

function makeKey(table: Table, read: (attribute: KeyAttribute) => AttributeValue): ItemKey {
  const partitionValue = read(table.partitionKey);
  if (keySizeBytes(partitionValue) > 2048) {
    throw unfit("Size of hashkey has exceeded the maximum size limit of2048 bytes");
  }
  const partition = sortable(partitionValue);
  if (table.sortKey === undefined) return { partition, sort: "" };
  const sortValue = read(table.sortKey);
  if (keySizeBytes(sortValue) > 1024) {
    throw unfit("Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
  }
  return { partition, sort: sortable(sortValue) };
}

function keySizeBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  return value.B === undefined ? 0 : base64SizeBytes(value.B);
}

function refuseEmpty(value: AttributeValue, { name, type }: KeyAttribute, start: string): void {
  if (value[type as AttributeType] !== "") return;
  const what = type === "B" ? "binary" : "string";
  throw invalid(
    `${start}The AttributeValue for a key attribute cannot contain an empty ${what} value. Key: ${name}`,
  );
}

function unfit(reason: string) {
  return invalid(`One or more parameter values were invalid: ${reason}`);
}

/** What spreads partitions: FNV-1a, 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
