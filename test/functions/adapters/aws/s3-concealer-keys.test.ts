import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { S3ConcealerKeys } from "../../../../functions/adapters/aws/s3-concealer-keys.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { createConcealerKeyMaker } from "../../../../scripts/publish/concealer-key-maker.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveBucket } from "./served-bucket.ts";

async function setUp() {
  const served = await serveBucket();
  const read = () =>
    new S3ConcealerKeys({ client: served.objects, bucket: served.bucket, retry: instantRetry() });
  const maker = createConcealerKeyMaker(served.client, served.bucket, instantRetry());
  const put = (Body: Uint8Array) =>
    served.client.send(new PutObjectCommand({ Bucket: served.bucket, Key: "keys/m", Body }));
  return { served, read, maker, put };
}

describe("concealer keys in S3", () => {
  it("are made once, of 32 bytes, however many publishers come at once", async () => {
    const { read, maker } = await setUp();
    await Promise.all(Array.from({ length: 8 }, () => maker.ensure("m")));
    const key = await read().read("m");
    expect(key).toHaveLength(32);
    await maker.ensure("m");
    expect(await read().read("m")).toEqual(key);
    await maker.ensure("other");
    expect(await read().read("other")).not.toEqual(key);
  });

  it("stand where the answer to the write that made them was lost", async () => {
    const { served, read, maker } = await setUp();
    served.fault = (operation, count) =>
      operation === "PutObject" && count === 0 ? { kind: "loseAnswer" } : undefined;
    await maker.ensure("m");
    expect(await read().read("m")).toHaveLength(32);
  });

  it("are read once per environment, and again after a failure", async () => {
    const { served, read, put } = await setUp();
    const keys = read();
    await expect(keys.read("m")).rejects.toMatchObject({ name: "ModelArtifactError" });
    await put(new Uint8Array(32).fill(1));
    served.fault = (_, count) => (count === 0 ? slowDown() : undefined);
    expect(await keys.read("m")).toEqual(new Uint8Array(32).fill(1));
    await put(new Uint8Array(32).fill(2));
    expect(await keys.read("m")).toEqual(new Uint8Array(32).fill(1));
  });

  it.each([
    [undefined, "missing"],
    [new Uint8Array(31), "of 31 bytes"],
    [new Uint8Array(33), "longer than a key"],
  ])("fail clearly where a key is none", async (content, got) => {
    const { read, put } = await setUp();
    if (content !== undefined) await put(content);
    await expect(read().read("m")).rejects.toMatchObject({
      name: "ModelArtifactError",
      code: "model.package",
      message: expect.stringContaining(`keys/m in the models bucket is ${got}; restore`),
    });
  });
});
