import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { localRegion } from "../../service.ts";
import { defineProvider } from "../provider.ts";

export const s3Bucket = defineProvider({
  type: "AWS::S3::Bucket",
  properties: z.object({
    BucketName: z.string().optional(),
    NotificationConfiguration: z
      .undefined({ error: "is not supported by the embedded cloud; leave it out" })
      .optional(),
  }),
  create: async ({ cloud, physicalName }, properties) => {
    const bucket = properties.BucketName ?? physicalName({ maxLength: 63, lowerCase: true });
    await cloud.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    return {
      physicalId: bucket,
      attributes: {
        Arn: `arn:aws:s3:::${bucket}`,
        DomainName: `${bucket}.s3.amazonaws.com`,
        RegionalDomainName: `${bucket}.s3.${localRegion}.amazonaws.com`,
        DualStackDomainName: `${bucket}.s3.dualstack.${localRegion}.amazonaws.com`,
      },
      remove: async () => {
        await emptyBucket(cloud.s3, bucket);
        await cloud.s3.send(new DeleteBucketCommand({ Bucket: bucket }));
      },
    };
  },
});

async function emptyBucket(client: S3Client, bucket: string): Promise<void> {
  for (;;) {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    if (Contents.length === 0) return;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  }
}
