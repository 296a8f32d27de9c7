import fc from "fast-check";
import { expect, it } from "vitest";
import type { PackageFileName } from "../../../../functions/contract/manifest.ts";
import { packageFileNames } from "../../../../functions/contract/manifest.ts";
import {
  openManifest,
  packageDigest,
  sealManifest,
  verifyFile,
} from "../../../../functions/core/inference/package-digest.ts";

const files = fc
  .subarray([...packageFileNames], { minLength: 1 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) => fc.tuple(fc.constant<PackageFileName>(name), fc.uint8Array({ maxLength: 20 }))),
    ),
  )
  .map((entries) => new Map(entries));

it("gives the digest that sha256sum gives of the manifest written by hand", () => {
  // printf '{"files":{"model.json":{"sha256":"%s","sizeBytes":2}},"schemaVersion":1}' "$(printf '{}' | sha256sum | cut -c-64)" | sha256sum
  expect(packageDigest(new Map([["model.json", new TextEncoder().encode("{}")]]))).toBe(
    "a9d2e40abf6a00a342d44f3f6f8f1bcd01faace2d95e2a5a12c574615fd9138c",
  );
});

it("opens what it sealed, and every file passes", () => {
  fc.assert(
    fc.property(files, (all) => {
      const { bytes, digest, manifest } = sealManifest(all);
      expect(openManifest(bytes, digest)).toEqual(manifest);
      for (const [name, content] of all) expect(verifyFile(manifest, name, content)).toBe(content);
    }),
  );
});

it("does not depend on the files' order", () => {
  fc.assert(
    fc.property(files, (all) => {
      expect(packageDigest(new Map([...all].reverse()))).toBe(packageDigest(all));
    }),
  );
});

it("sees any one byte that changed", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 20 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (content, at, by) => {
        const { manifest } = sealManifest(new Map([["model.onnx", content]]));
        const changed = content.slice();
        changed[at % content.length] = changed[at % content.length]! ^ by;
        expect(() => verifyFile(manifest, "model.onnx", changed)).toThrow(/model\.onnx: got sha256/);
      },
    ),
  );
});

it("says which file is missing, has another size, or is not the package's", () => {
  const { manifest } = sealManifest(new Map([["model.onnx", Uint8Array.of(1, 2)]]));
  expect(() => verifyFile(manifest, "model.onnx", undefined)).toThrow("model.onnx: missing");
  expect(() => verifyFile(manifest, "model.onnx", Uint8Array.of(1))).toThrow(
    "model.onnx: got 1 bytes, expected 2",
  );
  expect(() => verifyFile(manifest, "model.json", Uint8Array.of(1))).toThrow(
    "model.json: not in the manifest",
  );
});

it("refuses a manifest of a layout it does not know, although the digest fits", async () => {
  const { createHash } = await import("node:crypto");
  for (const text of ['{"files":{},"schemaVersion":2}', "not json"]) {
    const bytes = new TextEncoder().encode(text);
    const digest = createHash("sha256").update(bytes).digest("hex") as Parameters<typeof openManifest>[1];
    expect(() => openManifest(bytes, digest)).toThrow(expect.objectContaining({ code: "model.digest" }));
  }
});
