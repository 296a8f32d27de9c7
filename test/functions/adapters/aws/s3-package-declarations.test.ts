import { PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { S3PackageDeclarations } from "../../../../functions/adapters/aws/s3-package-declarations.ts";
import { S3PackageStore } from "../../../../functions/adapters/aws/s3-package-store.ts";
import type { PackageFileName } from "../../../../functions/contract/manifest.ts";
import { slowDown } from "../../../../scripts/local/faults.ts";
import { instantRetry } from "./serve-aws.ts";
import { serveBucket } from "./served-bucket.ts";

async function publish(declaration: object) {
  const served = await serveBucket();
  const options = { client: served.objects, bucket: served.bucket, retry: instantRetry() };
  const files = new Map<PackageFileName, Uint8Array>([
    ["model.json", Buffer.from(JSON.stringify(declaration))],
    ["model.onnx", new Uint8Array(1000)],
  ]);
  const digest = await new S3PackageStore(options).write("m", files);
  served.operations.length = 0;
  return { served, digest, declarations: new S3PackageDeclarations(options) };
}

const declaration = {
  name: "m",
  features: { a: { from: "a" } },
  outputs: { score: { from: "score" } },
  private: ["user.name"],
};

describe("S3PackageDeclarations", () => {
  it("reads what a package declares, and leaves the model where it is", async () => {
    const { served, digest, declarations } = await publish(declaration);
    expect(await declarations.read("m", digest)).toMatchObject({ name: "m", private: ["user.name"] });
    expect(served.operations).toEqual(["GetObject", "GetObject"]);
  });

  it("believes no declaration but the one that was published", async () => {
    const { served, digest, declarations } = await publish(declaration);
    const Body = JSON.stringify({ ...declaration, private: [] });
    await served.client.send(
      new PutObjectCommand({ Bucket: served.bucket, Key: `models/m/${digest}/model.json`, Body }),
    );
    await expect(declarations.read("m", digest)).rejects.toMatchObject({ code: "model.digest" });
    await expect(declarations.read("n", digest)).rejects.toMatchObject({ code: "model.digest" });
  });

  it("refuses a declaration that this release cannot read", async () => {
    const { digest, declarations } = await publish({ ...declaration, later: true });
    await expect(declarations.read("m", digest)).rejects.toMatchObject({ code: "model.package" });
  });

  it("reads on after a throttle, and gives up when it lasts", async () => {
    const { served, digest, declarations } = await publish(declaration);
    served.fault = (_, count) => (count === 0 ? slowDown() : undefined);
    expect(await declarations.read("m", digest)).toMatchObject({ name: "m" });
    served.fault = () => slowDown();
    await expect(declarations.read("m", digest)).rejects.toMatchObject({ code: "dependency.throttled" });
  });
});
