import { type AttributeValue, type Item, typeOf } from "./attribute-value.ts";
import { invalid } from "./errors.ts";
import { numberSizeBytes } from "./number.ts";
import type { StoredItem } from "./sorted-items.ts";

/** DynamoDB's bound on an item, in bytes, names included. */
const maxItemBytes = 400 * 1024;

/** @throws {AwsError} `ValidationException` with `tooLarge` for an item that DynamoDB would not store. */
export function measureItem(item: Item, tooLarge: string): StoredItem {
  const sizeBytes = itemSizeBytes(item);
  if (sizeBytes > maxItemBytes) throw invalid(tooLarge);
  return { item, sizeBytes };
}

/**
 * Bytes of an item, by which DynamoDB bounds and bills it: names and values.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSizeBytes(item: Item): number {
  let total = 0;
  for (const name of Object.keys(item)) total += Buffer.byteLength(name) + valueSizeBytes(item[name]!);
  return total;
}

export function base64SizeBytes(base64: string): number {
  return Buffer.byteLength(base64, "base64");
}

function valueSizeBytes(value: AttributeValue): number {
  const type = typeOf(value);
  switch (type) {
    case "S":
      return Buffer.byteLength(value.S!);
    case "N":
      return numberSizeBytes(value.N!);
    case "B":
      return base64SizeBytes(value.B!);
    case "SS":
      return sum(value.SS!, (member) => Buffer.byteLength(member));
    case "NS":
      return sum(value.NS!, numberSizeBytes);
    case "BS":
      return sum(value.BS!, base64SizeBytes);
    case "BOOL":
    case "NULL":
      return 1;
    // Three for the collection itself and one for each member.
    case "L":
      return 3 + sum(value.L!, (member) => 1 + valueSizeBytes(member));
    case "M":
      return 3 + Object.keys(value.M!).length + itemSizeBytes(value.M!);
  }
}

function sum<Member>(members: readonly Member[], sizeOf: (member: Member) => number): number {
  return members.reduce((total, member) => total + sizeOf(member), 0);
}
