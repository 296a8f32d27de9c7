import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { S3ArchiveStore } from "../../../../functions/adapters/aws/s3-archive-store.ts";
import { MemoryArchiveStore } from "../../../../functions/adapters/memory/memory-archive-store.ts";
import type { ArchivedRange } from "../../../../functions/contract/archived-event.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveBucket } from "./served-bucket.ts";

const range: ArchivedRange = {
  shard: "shardId-000000000001",
  first: "3",
  last: "9",
  arrivalMs: Date.UTC(2026, 0, 2, 3, 59, 59, 999),
};
const key = "archive/2026/01/02/03/shardId-000000000001-3-9.ndjson.gz";

async function serveStore() {
  const served = await serveBucket();
  const { client, bucket: Bucket } = served;
  const store = new S3ArchiveStore({ client: served.objects, bucket: Bucket, retry: instantRetry() });
  return {
    served,
    store,
    async objects(): Promise<ReadonlyMap<string, Uint8Array>> {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      const objects = new Map<string, Uint8Array>();
      for (const { Key } of Contents) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        objects.set(Key!, await Body!.transformToByteArray());
      }
      return objects;
    },
  };
}

describe.each([
  ["S3ArchiveStore", serveStore],
  [
    "MemoryArchiveStore",
    async () => {
      const store = new MemoryArchiveStore();
      return { store, objects: async () => store.objects };
    },
  ],
])("%s as an archive", (_, make) => {
  it("names an object by hour, shard and range, and writes it anew when it is delivered again", async () => {
    const { store, objects } = await make();
    await store.write(range, new Uint8Array([1]));
    await store.write({ ...range, arrivalMs: range.arrivalMs - 1000 }, new Uint8Array([1, 2]));
    expect([...(await objects())].map(([name, bytes]) => [name, [...bytes]])).toEqual([[key, [1, 2]]]);
  });
});

describe("S3ArchiveStore", () => {
  it("writes on after a throttle, and gives up when it lasts", async () => {
    const { served, store, objects } = await serveStore();
    served.fault = (operation, count) => (operation === "PutObject" && count === 0 ? slowDown() : undefined);
    await store.write(range, new Uint8Array([1]));
    expect((await objects()).size).toBe(1);
    served.fault = () => slowDown();
    await expect(store.write(range, new Uint8Array([1]))).rejects.toMatchObject({
      name: "DependencyError",
      code: "dependency.throttled",
    });
  });
});
