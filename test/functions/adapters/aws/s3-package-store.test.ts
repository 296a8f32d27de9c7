import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { S3PackageStore } from "../../../../functions/adapters/aws/s3-package-store.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { describePackageStore, twoFiles } from "../contracts/package-store.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveBucket } from "./served-bucket.ts";

async function serveStore({ maxFileBytes }: { maxFileBytes?: number } = {}) {
  const served = await serveBucket();
  const { client, objects, bucket } = served;
  const store = new S3PackageStore({ client: objects, bucket, maxFileBytes, retry: instantRetry() });
  return { served, client, bucket, store };
}

describePackageStore("S3PackageStore", async () => {
  const { client, bucket, store } = await serveStore();
  return {
    store,
    keys: async () => {
      const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return (listed.Contents ?? []).map((object) => object.Key!);
    },
    damage: async (Key, content) => {
      if (content === undefined) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      else await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: content }));
    },
  };
});

describe("S3PackageStore on a bad day", () => {
  it("puts no object of a package that stands", async () => {
    const { served, store } = await serveStore();
    await store.write("m", twoFiles());
    const before = served.operations.filter((operation) => operation === "PutObject").length;
    await store.write("m", twoFiles());
    expect(served.operations.filter((operation) => operation === "PutObject")).toHaveLength(before);
  });

  it("leaves no manifest where a file could not be put", async () => {
    const { served, client, bucket, store } = await serveStore();
    served.fault = (operation, count) => (operation === "PutObject" && count > 0 ? slowDown() : undefined);
    await expect(store.write("m", twoFiles())).rejects.toMatchObject({ code: "dependency.throttled" });
    const listed = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(listed.Contents?.map((object) => object.Key?.split("/").at(-1))).not.toContain("manifest.json");
  });

  it.each([
    ["a throttle", slowDown()],
    ["a closed connection", { kind: "reset" } as const],
    ["an answer that breaks off", { kind: "loseAnswer" } as const],
  ])("reads on after %s", async (_title, fault) => {
    const { served, store } = await serveStore();
    const digest = await store.write("m", twoFiles());
    served.fault = (operation, count) => (operation === "GetObject" && count < 2 ? fault : undefined);
    expect(await store.read("m", digest)).toEqual(twoFiles());
  });

  it("gives up when the store stays away", async () => {
    const { served, store } = await serveStore();
    const digest = await store.write("m", twoFiles());
    served.fault = () => ({ kind: "reset" });
    await expect(store.read("m", digest)).rejects.toMatchObject({
      name: "DependencyError",
      code: "dependency.unavailable",
    });
  });

  it("asks for the files of every package together with the manifest", async () => {
    const { served, store } = await serveStore();
    const digest = await store.write("m", twoFiles());
    served.operations.length = 0;
    await store.read("m", digest);
    expect(served.operations).toEqual(["GetObject", "GetObject", "GetObject"]);
  });

  it("reads no file above its bound", async () => {
    const whole = await serveStore();
    const files = new Map([...twoFiles(), ["model.onnx" as const, new Uint8Array(5_000)]]);
    const digest = await whole.store.write("m", files);
    const { objects, bucket } = whole.served;
    const read = (maxFileBytes: number) =>
      new S3PackageStore({ client: objects, bucket, maxFileBytes, retry: instantRetry() }).read("m", digest);
    expect((await read(5_000)).get("model.onnx")).toHaveLength(5_000);
    await expect(read(4_999)).rejects.toMatchObject({ name: "ModelArtifactError" });
  });
});
