import { gunzipSync } from "node:zlib";
import { paginateScan } from "@aws-sdk/client-dynamodb";
import { readObjects } from "./objects.ts";
import type { Stage } from "./stage.ts";

/** Something that was written, where, and all of it as text. */
export interface Written {
  readonly where: string;
  readonly text: string;
}

/** Everything that a stage has stored: the objects of its buckets, unzipped, and the items of its tables. */
export async function everythingStored(stage: Stage): Promise<readonly Written[]> {
  const { outputs } = stage;
  const buckets = [outputs.DataBucketName, outputs.ModelsBucketName, outputs.ParkedBucketName];
  const tables = Object.entries(outputs).flatMap(([name, value]) =>
    name.endsWith("TableName") ? [value] : [],
  );
  const written: Written[] = [];
  for (const bucket of buckets)
    for (const { key, body } of await readObjects(stage, bucket))
      written.push({ where: `s3 ${bucket}/${key}`, text: `${key} ${textOf(unzipped(body))}` });
  for (const table of tables)
    for await (const { Items = [] } of paginateScan({ client: stage.dynamodb }, { TableName: table }))
      for (const item of Items)
        written.push({ where: `dynamodb ${table}`, text: JSON.stringify(item, binaryAsText) });
  return written;
}

/**
 * Where a text occurs: plain, as it stands in JSON (within JSON, to three levels), percent-encoded, or within anything
 * of it that was written as base64.
 *
 * @param secret - at least seven characters, so that no chance writes it.
 */
export function leaksOf(secret: string, written: Iterable<Written>): readonly string[] {
  const needles = formsOf(secret);
  return [...written].flatMap(({ where, text }) => {
    const found = needles.find((needle) => text.includes(needle));
    return found === undefined ? [] : [`${where}: ${around(text, found)}`];
  });
}

function formsOf(secret: string): readonly string[] {
  const forms = [secret];
  for (let level = 0; level < 3; level++) forms.push(JSON.stringify(forms.at(-1)).slice(1, -1));
  const base64 = forms.flatMap((form) =>
    // What stands before it decides how its bytes fall into groups of three; letters at its ends hold bits of others.
    [0, 1, 2].map((before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(form)]);
      return bytes
        .toString("base64")
        .replace(/=+$/, "")
        .slice(before === 0 ? 0 : before + 1, -1);
    }),
  );
  const url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([...forms, encodeURIComponent(secret), ...base64, ...url])];
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 60), at + found.length + 60);
}

function unzipped(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}

/** Bytes that are no UTF-8 do not hide what stands beside them. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function binaryAsText(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? textOf(value) : value;
}
