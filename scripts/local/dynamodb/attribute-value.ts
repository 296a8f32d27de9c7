import type { AwsError } from "../aws-error.ts";
import { invalid, malformed } from "./errors.ts";
import { canonicalNumber } from "./number.ts";

/** A value as it goes over the wire and is stored: one member, named for its type. Binary is base64, numbers are text. */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: string;
  readonly BOOL?: boolean;
  readonly NULL?: true;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly BS?: readonly string[];
  readonly L?: readonly AttributeValue[];
  readonly M?: Item;
}

export type AttributeType = keyof AttributeValue;

/** Attributes by name. Never changed once stored: a write stores another one. */
export type Item = Readonly<Record<string, AttributeValue>>;

export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) return type as AttributeType;
  throw new Error("an attribute value has no type");
}

/** An attribute of an item or of a map; what JavaScript objects inherit is none. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/**
 * Check attributes as they came, and bring their numbers into canonical form.
 *
 * @throws {AwsError} `ValidationException`; `SerializationException` where the JSON has another shape.
 */
export function parseItem(raw: unknown, depth = 0): Item {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw malformed("an attribute map must be a JSON object");
  }
  const entries = Object.entries(raw).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, parseAttributeValue(value, depth)]));
}

export function parseAttributeValue(raw: unknown, depth = 0): AttributeValue {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw malformed("an attribute value must be a JSON object");
  }
  if (depth > maxDepth) throw invalid("Nesting Levels have exceeded supported limits");
  let parsed: AttributeValue | undefined;
  for (const [type, value] of Object.entries(raw)) {
    const parse = Object.hasOwn(parsers, type) ? parsers[type as AttributeType] : undefined;
    if (parse === undefined || value === null) continue;
    if (parsed !== undefined) {
      throw invalid(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
      );
    }
    parsed = parse(value, depth);
  }
  if (parsed !== undefined) return parsed;
  throw invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
}

/** Maps and lists within each other. */
const maxDepth = 32;

const parsers: Readonly<Record<AttributeType, (value: unknown, depth: number) => AttributeValue>> = {
  S: (value) => ({ S: stringOf(value) }),
  N: (value) => ({ N: canonicalNumber(stringOf(value)) }),
  B: (value) => ({ B: base64Of(value) }),
  BOOL: (value) => ({ BOOL: booleanOf(value) }),
  NULL(value) {
    if (booleanOf(value)) return { NULL: true };
    throw unfit("Null attribute value types must have the value of true");
  },
  SS(value) {
    const members = listOf(value).map(stringOf);
    // The messages of the three sets differ as DynamoDB's do.
    if (members.length === 0) throw unfit("An string set  may not be empty");
    if (hasDuplicates(members)) throw unfit(`Input collection [${members.join(", ")}] contains duplicates.`);
    return { SS: members };
  },
  NS(value) {
    const members = listOf(value).map((member) => canonicalNumber(stringOf(member)));
    if (members.length === 0) throw unfit("An number set  may not be empty");
    if (hasDuplicates(members)) throw invalid("Input collection contains duplicates");
    return { NS: members };
  },
  BS(value) {
    const members = listOf(value).map(base64Of);
    if (members.length === 0) throw unfit("Binary sets should not be empty");
    if (hasDuplicates(members)) {
      throw unfit(`Input collection [${members.join(", ")}]of type BS contains duplicates.`);
    }
    return { BS: members };
  },
  L: (value, depth) => ({ L: listOf(value).map((member) => parseAttributeValue(member, depth + 1)) }),
  M: (value, depth) => ({ M: parseItem(value, depth + 1) }),
};

function unfit(reason: string): AwsError {
  return invalid(`One or more parameter values were invalid: ${reason}`);
}

function stringOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw malformed(`${JSON.stringify(value)} cannot be converted to String`);
}

function booleanOf(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw malformed(`${JSON.stringify(value)} cannot be converted to Boolean`);
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw malformed(`${JSON.stringify(value)} is no list`);
}

function base64Of(value: unknown): string {
  const text = stringOf(value);
  if (text.length % 4 !== 0) {
    throw malformed(`Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  }
  // Only then do equal bytes have equal texts.
  if (Buffer.from(text, "base64").toString("base64") !== text) {
    throw malformed("got binary that is not canonical base64");
  }
  return text;
}

function hasDuplicates(members: readonly string[]): boolean {
  return new Set(members).size < members.length;
}
