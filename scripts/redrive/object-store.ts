import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { callAws } from "../../functions/adapters/aws/call-aws.ts";
import { defaultRetry } from "../../functions/adapters/aws/retry.ts";

/** A bucket, as far as redrive needs one. */
export interface ObjectStore {
  /** Keys under a prefix, ascending by their UTF-8 bytes. */
  list(prefix: string): AsyncIterable<string>;
  /** @returns nothing when the object is gone, by a lifecycle rule for one. */
  get(key: string): Promise<Uint8Array | undefined>;
  put(key: string, body: Uint8Array): Promise<void>;
}

export function createS3ObjectStore(client: S3Client, bucket: string): ObjectStore {
  return {
    async *list(prefix) {
      let token: string | undefined;
      do {
        const request = new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          ContinuationToken: token,
        });
        const page: ListObjectsV2CommandOutput = await callAws(`s3 list of ${bucket}`, defaultRetry, () =>
          client.send(request),
        );
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    async get(key) {
      return callAws(`s3 get of ${bucket}/${key}`, defaultRetry, async () => {
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
          return await Body?.transformToByteArray();
        } catch (error) {
          if (error instanceof NoSuchKey) return undefined;
          throw error;
        }
      });
    },
    async put(key, body) {
      const request = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body });
      await callAws(`s3 put of ${bucket}/${key}`, defaultRetry, () => client.send(request));
    },
  };
}
