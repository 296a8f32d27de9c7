import { gunzipSync } from "node:zlib";
import { GetObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { Stage } from "./stage.ts";

/** An object as it stands in S3. */
export interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array;
}

/** Every object of a bucket under a prefix. */
export async function readObjects(
  stage: Stage,
  bucket: string,
  prefix = "",
): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: stage.s3 },
    { Bucket: bucket, Prefix: prefix },
  )) {
    for (const { Key: key = "" } of Contents) {
      const { Body } = await stage.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      objects.push({ key, body: await Body!.transformToByteArray() });
    }
  }
  return objects;
}

/** Every line of the gzip NDJSON under a prefix of the data bucket. */
export async function readLines(stage: Stage, prefix: string): Promise<readonly string[]> {
  const objects = await readObjects(stage, stage.outputs.DataBucketName, prefix);
  return objects.flatMap(({ key, body }) => {
    if (!key.endsWith(".ndjson.gz")) throw new Error(`got ${key} among the objects of lines`);
    return gunzipSync(body).toString("utf8").trimEnd().split("\n");
  });
}
