import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { S3RejectStore } from "../../../../functions/adapters/aws/s3-reject-store.ts";
import type { Reject } from "../../../../functions/contract/reject.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { describeRejectStore, rejectedBatch } from "../contracts/reject-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { readObjects, serveBucket } from "./served-bucket.ts";

async function serveStore() {
  const served = await serveBucket();
  const store = new S3RejectStore({ client: served.objects, bucket: served.bucket, retry: instantRetry() });
  return { served, store };
}

describeRejectStore("S3RejectStore", async () => {
  const { served, store } = await serveStore();
  return {
    store,
    objects: async () => {
      const lines = (bytes: Uint8Array): Reject[] =>
        gunzipSync(bytes)
          .toString()
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line));
      return new Map([...(await readObjects(served))].map(([key, bytes]) => [key, lines(bytes)]));
    },
  };
});

describe("S3RejectStore", () => {
  it("writes a gzip header that says nothing of machine or hour", async () => {
    const { served, store } = await serveStore();
    await store.write(rejectedBatch(["4"]));
    const [bytes] = [...(await readObjects(served)).values()];
    expect([...bytes!.subarray(0, 4)]).toEqual([0x1f, 0x8b, 8, 0]);
    expect([...bytes!.subarray(4, 8), bytes![9]]).toEqual([0, 0, 0, 0, 255]);
  });

  it("writes on after a throttle, and gives up when it lasts", async () => {
    const { served, store } = await serveStore();
    served.fault = (operation, count) => (operation === "PutObject" && count === 0 ? slowDown() : undefined);
    await store.write(rejectedBatch(["4"]));
    expect((await readObjects(served)).size).toBe(1);
    served.fault = () => slowDown();
    await expect(store.write(rejectedBatch(["4"]))).rejects.toMatchObject({
      name: "DependencyError",
      code: "dependency.throttled",
    });
  });
});
