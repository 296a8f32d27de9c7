import { describe, expect, it } from "vitest";
import { S3ObjectStore } from "../../../../functions/adapters/aws/s3-object-store.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { describeObjectStore, listed } from "../contracts/object-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveBucket } from "./served-bucket.ts";

async function serveStore({ maxBytes }: { maxBytes?: number } = {}) {
  const served = await serveBucket();
  const options = { client: served.objects, bucket: served.bucket, retry: instantRetry() };
  served.operations.length = 0;
  return { served, store: new S3ObjectStore({ ...options, ...(maxBytes !== undefined && { maxBytes }) }) };
}

async function fill(store: S3ObjectStore, count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, i) => `many/${String(i).padStart(5, "0")}`);
  for (const key of keys) await store.put(key, Uint8Array.of(1), "text/plain");
  return keys;
}

describeObjectStore("S3ObjectStore", async () => (await serveStore()).store);

describe("S3ObjectStore", () => {
  it("lists more keys than a page has, and asks for no page before it is needed", async () => {
    const { served, store } = await serveStore();
    const keys = await fill(store, 2_001);
    served.operations.length = 0;
    expect((await listed(store, "many/")).join()).toBe(keys.join());
    expect(served.operations).toEqual(Array(3).fill("ListObjectsV2"));
    served.operations.length = 0;
    for await (const key of store.list("many/")) if (key === keys[999]) break;
    expect(served.operations).toEqual(["ListObjectsV2"]);
  });

  it("reads no object above its bound", async () => {
    const { store } = await serveStore({ maxBytes: 3 });
    await store.put("fits", new Uint8Array(3), "text/plain");
    await store.put("large", new Uint8Array(4), "text/plain");
    expect((await store.get("fits"))?.byteLength).toBe(3);
    await expect(store.get("large")).rejects.toMatchObject({ code: "model.digest" });
  });
});

describe("S3ObjectStore on a bad day", () => {
  const half = `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>many/00000</Key>`;

  it.each([
    ["a throttle", slowDown()],
    ["a closed connection", { kind: "reset" } as const],
    ["an answer that breaks off", { kind: "loseAnswer" } as const],
    [
      "half an answer",
      { kind: "respond", statusCode: 200, contentType: "application/xml", body: half } as const,
    ],
  ])("goes on after %s, in the middle of a list too", async (_, fault) => {
    const { served, store } = await serveStore();
    const keys = await fill(store, 1_001);
    served.fault = (operation, count) =>
      operation === "ListObjectsV2" && count % 2 === 0 ? fault : undefined;
    expect((await listed(store, "many/")).join()).toBe(keys.join());
  });

  it.each([
    ["list", (store: S3ObjectStore) => listed(store, "")],
    ["get", (store: S3ObjectStore) => store.get("a")],
    ["put", (store: S3ObjectStore) => store.put("a", Uint8Array.of(1), "text/plain")],
  ])("gives up a %s when it lasts", async (_, call) => {
    const { served, store } = await serveStore();
    served.fault = () => slowDown();
    await expect(call(store)).rejects.toMatchObject({
      name: "DependencyError",
      code: "dependency.throttled",
    });
    expect(served.operations).toHaveLength(6);
    served.fault = () => ({ kind: "reset" });
    await expect(call(store)).rejects.toMatchObject({ code: "dependency.unavailable" });
  });

  it("does not insist where the bucket is not there", async () => {
    const { served } = await serveStore();
    const store = new S3ObjectStore({ client: served.objects, bucket: "none", retry: instantRetry() });
    served.operations.length = 0;
    await expect(listed(store, "a/")).rejects.toMatchObject({ code: "dependency.unavailable" });
    expect(served.operations).toHaveLength(1);
  });
});
