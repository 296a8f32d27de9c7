import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { S3ExampleStore } from "../../../../functions/adapters/aws/s3-example-store.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { describeExampleStore, exampleBatch } from "../contracts/example-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { readObjects, serveBucket } from "./served-bucket.ts";

async function serveStore() {
  const served = await serveBucket();
  const store = new S3ExampleStore({ client: served.objects, bucket: served.bucket, retry: instantRetry() });
  return { served, store };
}

describeExampleStore("S3ExampleStore", async () => {
  const { served, store } = await serveStore();
  const lines = (bytes: Uint8Array) =>
    gunzipSync(bytes)
      .toString()
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  return {
    store,
    objects: async () => new Map([...(await readObjects(served))].map(([key, bytes]) => [key, lines(bytes)])),
  };
});

describe("S3ExampleStore on a bad day", () => {
  it("writes on after a throttle", async () => {
    const { served, store } = await serveStore();
    served.fault = (operation, count) => (operation === "PutObject" && count === 0 ? slowDown() : undefined);
    await store.write(exampleBatch());
    expect((await readObjects(served)).size).toBe(3);
  });

  it("gives up when it lasts, with no put left in flight", async () => {
    const { served, store } = await serveStore();
    served.fault = () => slowDown();
    await expect(store.write(exampleBatch())).rejects.toMatchObject({
      name: "DependencyError",
      code: "dependency.throttled",
    });
    const count = served.operations.length;
    served.fault = () => undefined;
    await store.write(exampleBatch());
    expect(served.operations.length).toBe(count + 3);
  });
});
