import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { S3LayoutStore } from "../../../../functions/adapters/aws/s3-layout-store.ts";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { describeLayoutStore } from "../contracts/layout-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveBucket } from "./served-bucket.ts";

async function serveStore() {
  const served = await serveBucket();
  const { client, objects, bucket } = served;
  return {
    served,
    client,
    bucket,
    store: new S3LayoutStore({ client: objects, bucket, retry: instantRetry() }),
  };
}

describeLayoutStore("S3LayoutStore", async () => {
  const { client, bucket, store } = await serveStore();
  return {
    store,
    damage: async (Key, Body) =>
      void (await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))),
  };
});

it("S3LayoutStore tells a store that stays away from a layout that is not there", async () => {
  const { served, store } = await serveStore();
  served.fault = () => slowDown();
  await expect(store.read("m", "a".repeat(64) as ModelDigest)).rejects.toMatchObject({
    name: "DependencyError",
  });
});
