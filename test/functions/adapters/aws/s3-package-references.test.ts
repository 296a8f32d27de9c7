import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { S3PackageReferences } from "../../../../functions/adapters/aws/s3-package-references.ts";
import { S3PackageStore } from "../../../../functions/adapters/aws/s3-package-store.ts";
import type { PackageFileName } from "../../../../functions/contract/manifest.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveBucket } from "./served-bucket.ts";

const model: [PackageFileName, Uint8Array][] = [
  ["model.json", Buffer.from("{}")],
  ["model.onnx", new Uint8Array(1000)],
];
const reference = Buffer.from('{"version":1}');

async function publish(files: readonly [PackageFileName, Uint8Array][]) {
  const served = await serveBucket();
  const options = { client: served.objects, bucket: served.bucket, retry: instantRetry() };
  const digest = await new S3PackageStore(options).write("m", new Map(files));
  served.operations.length = 0;
  return { served, digest, references: new S3PackageReferences(options) };
}

describe("S3PackageReferences", () => {
  it("reads what a package was trained on, and leaves the model where it is", async () => {
    const { served, digest, references } = await publish([...model, ["reference.json", reference]]);
    expect(await references.read("m", digest)).toEqual(new Uint8Array(reference));
    expect(served.operations).toEqual(["GetObject", "GetObject"]);
  });

  it("asks for nothing where the manifest names none", async () => {
    const { served, digest, references } = await publish(model);
    expect(await references.read("m", digest)).toBeUndefined();
    expect(served.operations).toEqual(["GetObject"]);
  });

  it("believes no reference but the one that was published", async () => {
    const { served, digest, references } = await publish([...model, ["reference.json", reference]]);
    await served.client.send(
      new PutObjectCommand({
        Bucket: served.bucket,
        Key: `models/m/${digest}/reference.json`,
        Body: '{"version":2}',
      }),
    );
    await expect(references.read("m", digest)).rejects.toMatchObject({ code: "model.digest" });
    await expect(references.read("n", digest)).rejects.toMatchObject({ code: "model.digest" });
  });

  it("reads on after a throttle, and gives up when it lasts", async () => {
    const { served, digest, references } = await publish(model);
    served.fault = (_, count) => (count === 0 ? slowDown() : undefined);
    expect(await references.read("m", digest)).toBeUndefined();
    served.fault = () => slowDown();
    await expect(references.read("m", digest)).rejects.toMatchObject({ code: "dependency.throttled" });
  });
});
