import { type AttributeValue, attributeOf, typeOf } from "./attribute-value.ts";
import { sortableNumber } from "./number.ts";

/** Whether two values are the same: sets in any order, maps and lists member by member. */
export function areEqual(left: AttributeValue, right: AttributeValue): boolean {
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  switch (type) {
    case "L":
      return left.L!.length === right.L!.length && left.L!.every((each, i) => areEqual(each, right.L![i]!));
    case "M": {
      const names = Object.keys(left.M!);
      return (
        names.length === Object.keys(right.M!).length &&
        names.every((name) => {
          const other = attributeOf(right.M!, name);
          return other !== undefined && areEqual(left.M![name]!, other);
        })
      );
    }
    case "SS":
    case "NS":
    case "BS": {
      const members = new Set(right[type]);
      return left[type]!.length === members.size && left[type]!.every((member) => members.has(member));
    }
    default:
      return left[type] === right[type];
  }
}

/** @returns below, at or above 0 as `left` sorts before, with or after `right`; undefined where they have no order. */
export function order(left: AttributeValue, right: AttributeValue): number | undefined {
  if (typeOf(left) !== typeOf(right) || !isOrdered(left)) return undefined;
  const [a, b] = [sortable(left), sortable(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Only strings, numbers and binary have an order. */
export function isOrdered(value: AttributeValue): boolean {
  return value.S !== undefined || value.N !== undefined || value.B !== undefined;
}

/**
 * A text whose order by code units is DynamoDB's order of the values of one type: numbers by size, strings by their
 * bytes in UTF-8, binary by its bytes. A string that starts with another has a text that starts with the other's.
 */
export function sortable(value: AttributeValue): string {
  if (value.N !== undefined) return sortableNumber(value.N);
  if (value.B !== undefined) return Buffer.from(value.B, "base64").toString("latin1");
  // ASCII is its own UTF-8.
  if (/^[\x20-\x7e]*$/.test(value.S!)) return value.S!;
  return Buffer.from(value.S!).toString("latin1");
}
