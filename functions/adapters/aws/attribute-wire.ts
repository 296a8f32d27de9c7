import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/**
 * A request as JSON: bytes in base64, members that are undefined left out.
 *
 * @param value - of JSON's types and `Uint8Array`.
 */
export function toWire(value: unknown): string {
  if (value instanceof Uint8Array) {
    return `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}"`;
  }
  if (Array.isArray(value)) return `[${value.map(toWire).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  let members = "";
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    members += `${members === "" ? "" : ","}${JSON.stringify(name)}:${toWire(member)}`;
  }
  return `{${members}}`;
}

/** Replace the base64 of an item as it was parsed, in place, by the bytes it stands for. @returns the item */
export function fromWire<Item extends Record<string, AttributeValue>>(item: Item): Item {
  for (const value of Object.values(item)) readBytes(value);
  return item;
}

function readBytes(value: AttributeValue): void {
  if (value.B !== undefined) value.B = bytesOf(value.B);
  else if (value.M !== undefined) fromWire(value.M);
  else if (value.L !== undefined) value.L.forEach(readBytes);
  else if (value.BS !== undefined) value.BS = value.BS.map(bytesOf);
}

/** Typed as it is to be, it is a text still. */
function bytesOf(base64: Uint8Array | string): Uint8Array {
  const { buffer, byteOffset, byteLength } = Buffer.from(base64 as string, "base64");
  return new Uint8Array(buffer, byteOffset, byteLength);
}
