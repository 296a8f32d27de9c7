import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { InvariantError } from "../../core/errors.ts";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** A JSON value as DynamoDB keeps it, readable in the console. Keys that are undefined are left out. */
export function toAttribute(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (isList(value)) return { L: value.map(toAttribute) };
  return { M: toItem(value) };
}

/** A JSON object as an item. */
export function toItem(value: { readonly [key: string]: Json | undefined }): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, toAttribute(each)]])),
  );
}

/** @throws {InvariantError} for types that JSON has not: sets and binary. */
export function fromAttribute(value: AttributeValue): Json {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.NULL !== undefined) return null;
  if (value.L !== undefined) return value.L.map(fromAttribute);
  if (value.M !== undefined) return fromItem(value.M);
  throw new InvariantError(`attribute: got type ${Object.keys(value)[0]}, expected S, N, BOOL, NULL, L or M`);
}

export function fromItem(item: Readonly<Record<string, AttributeValue>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, fromAttribute(each)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
