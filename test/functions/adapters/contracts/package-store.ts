import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ModelDigest } from "../../../../functions/contract/ids.ts";
import type { PackageFileName } from "../../../../functions/contract/manifest.ts";
import type { PackageFiles, PackageStore } from "../../../../functions/core/inference/package-store.ts";

export interface PackageStoreUnderTest {
  readonly store: PackageStore;
  /** Reach behind the store: replace an object by its S3 key, or remove it. */
  damage(key: string, content: Uint8Array | undefined): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** What every `PackageStore` does. @param make - an empty one, for one test. */
export function describePackageStore(name: string, make: () => Promise<PackageStoreUnderTest>): void {
  describe(`${name} as a package store`, () => {
    it("gives back the files that were written, under the SHA-256 of the manifest", async () => {
      const { store } = await make();
      const digest = await store.write("m", twoFiles());
      expect(digest).toBe(expectedDigest);
      expect(await store.read("m", digest)).toEqual(twoFiles());
    });

    it("keeps all four kinds of files, an empty one too", async () => {
      const { store } = await make();
      const files = new Map([
        ...twoFiles(),
        ["samples.jsonl", bytes("")],
        ["reference.json", bytes("{}")],
      ]) as Map<PackageFileName, Uint8Array>;
      expect(await store.read("m", await store.write("m", files))).toEqual(files);
    });

    it("reads only the files that are wanted, and nothing of the others, whatever became of them", async () => {
      const { store, damage } = await make();
      const files = new Map([...twoFiles(), ["reference.json", bytes("{}")]]) as Map<
        PackageFileName,
        Uint8Array
      >;
      const digest = await store.write("m", files);
      await damage(`models/m/${digest}/reference.json`, undefined);
      const wanted = ["model.json", "model.onnx", "samples.jsonl"] as const;
      expect(await store.read("m", digest, wanted)).toEqual(twoFiles());
      await expect(store.read("m", digest)).rejects.toThrow("reference.json");
    });

    it("writes an equal package again without a change", async () => {
      const { store, keys } = await make();
      const digest = await store.write("m", twoFiles());
      const before = await keys();
      expect(await store.write("m", new Map([...twoFiles()].reverse()))).toBe(digest);
      expect(await keys()).toEqual(before);
      expect(before.toSorted()).toEqual(
        ["manifest.json", "model.json", "model.onnx"].map((file) => `models/m/${digest}/${file}`),
      );
    });

    it("restores a package of which something is missing when it is written again", async () => {
      const { store, damage } = await make();
      const digest = await store.write("m", twoFiles());
      await damage(`models/m/${digest}/model.onnx`, undefined);
      await store.write("m", twoFiles());
      expect(await store.read("m", digest)).toEqual(twoFiles());
    });

    it("says that a digest nobody published is missing", async () => {
      const { store } = await make();
      await expect(store.read("m", "0".repeat(64) as ModelDigest)).rejects.toMatchObject(damaged);
    });

    it.each(["manifest.json", "model.json", "model.onnx"])(
      "refuses a package without its %s",
      async (file) => {
        const { store, damage } = await make();
        const digest = await store.write("m", twoFiles());
        await damage(`models/m/${digest}/${file}`, undefined);
        await expect(store.read("m", digest)).rejects.toMatchObject(damaged);
      },
    );

    it.each(["manifest.json", "model.json", "model.onnx"])("refuses a %s of other bytes", async (file) => {
      const { store, damage } = await make();
      const digest = await store.write("m", twoFiles());
      await damage(`models/m/${digest}/${file}`, bytes("{}"));
      await expect(store.read("m", digest)).rejects.toMatchObject(damaged);
    });

    it("refuses a file of the right size and other bytes", async () => {
      const { store, damage } = await make();
      const digest = await store.write("m", twoFiles());
      await damage(`models/m/${digest}/model.onnx`, Uint8Array.of(1, 2, 4));
      await expect(store.read("m", digest)).rejects.toMatchObject(damaged);
    });
  });
}

const damaged = { name: "ModelArtifactError", code: "model.digest", retryable: false };
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

export function twoFiles(): PackageFiles {
  return new Map([
    ["model.onnx", Uint8Array.of(1, 2, 3)],
    ["model.json", bytes('{"name":"m"}')],
  ]);
}

/** Written out by hand, as contract/manifest.ts describes the text. */
const expectedDigest = sha256(
  `{"files":{"model.json":{"sha256":"${sha256('{"name":"m"}')}","sizeBytes":12},` +
    `"model.onnx":{"sha256":"${sha256(Uint8Array.of(1, 2, 3))}","sizeBytes":3}},"schemaVersion":1}`,
);

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
