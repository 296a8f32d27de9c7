import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { awsAccess } from "../../../../functions/adapters/aws/aws-access.ts";
import { objectClient, s3Client } from "../../../../functions/adapters/aws/clients.ts";
import type { ObjectClient } from "../../../../functions/adapters/aws/object-client.ts";
import { createFauxqs } from "../../../../scripts/local/fauxqs.ts";
import { type ServedAws, serveAws } from "./serve-aws.ts";

export interface ServedBucket extends ServedAws {
  readonly client: S3Client;
  /** The client under the stores. */
  readonly objects: ObjectClient;
  readonly bucket: string;
}

/** An S3 with one empty bucket. */
export async function serveBucket(): Promise<ServedBucket> {
  const served = await serveAws(await createFauxqs());
  const client = s3Client(served.config);
  onTestFinished(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: "bucket" }));
  return Object.assign(served, { client, objects: objectClient(awsAccess(served.config)), bucket: "bucket" });
}

/** Every object of the bucket, by key. */
export async function readObjects({ client, bucket }: ServedBucket): Promise<Map<string, Uint8Array>> {
  const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  const objects = new Map<string, Uint8Array>();
  for (const { Key } of listed.Contents ?? []) {
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    objects.set(Key!, await object.Body!.transformToByteArray());
  }
  return objects;
}
