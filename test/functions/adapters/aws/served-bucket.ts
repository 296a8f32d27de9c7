import { CreateBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { s3Client } from "../../../../functions/adapters/aws/clients.ts";
import { createFauxqs } from "../../../../scripts/local/fauxqs.ts";
import { type ServedAws, serveAws } from "./serve-aws.ts";

export interface ServedBucket extends ServedAws {
  readonly client: S3Client;
  readonly bucket: string;
}

/** An S3 with one empty bucket. */
export async function serveBucket(): Promise<ServedBucket> {
  const served = await serveAws(await createFauxqs());
  const client = s3Client(served.config);
  onTestFinished(() => client.destroy());
  await client.send(new CreateBucketCommand({ Bucket: "bucket" }));
  return Object.assign(served, { client, bucket: "bucket" });
}
