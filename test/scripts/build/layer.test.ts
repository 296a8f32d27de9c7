import { createHash } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LayerArchitecture } from "../../../layers/onnxruntime/keep-list.ts";
import { listFiles } from "../../../scripts/build/directory.ts";
import { assertWithinBudget, buildLayer } from "../../../scripts/build/layer.ts";
import { createBuildRoot } from "./build-root.ts";

let built: Awaited<ReturnType<typeof createBuildRoot>>;

beforeAll(async () => {
  built = await createBuildRoot();
});

afterAll(() => built.remove());

async function fingerprint(folder: string): Promise<string[]> {
  const files = await listFiles(folder);
  return Promise.all(
    files.map(async (path) => {
      const { mode, mtimeMs } = await stat(join(folder, path));
      const digest = createHash("sha256").update(await readFile(join(folder, path)));
      return `${path} ${mode.toString(8)} ${mtimeMs} ${digest.digest("hex")}`;
    }),
  );
}

describe.each<[LayerArchitecture, number]>([
  ["x64", 0.16],
  ["arm64", 0.09],
])("the layer for %s", (architecture, maxRatio) => {
  test("is small, and tells its true size", async () => {
    const { directory, sizeBytes, ratio } = await buildLayer(built.root, architecture);
    const files = await listFiles(directory);
    const sizes = await Promise.all(files.map(async (path) => (await stat(join(directory, path))).size));
    expect(sizes.reduce((sum, size) => sum + size)).toBe(sizeBytes);
    expect(ratio).toBeLessThanOrEqual(maxRatio);
    expect(sizeBytes).toBeLessThan(50e6);
  });

  test("holds one architecture's library, JavaScript of the two packages, and the notices", async () => {
    const { directory } = await buildLayer(built.root, architecture);
    const files = (await listFiles(directory)).map((path) => path.replaceAll("\\", "/"));
    const natives = files.filter((path) => path.includes("/bin/"));
    const modules = "nodejs/node_modules";
    expect(natives).toEqual([
      `${modules}/onnxruntime-node/bin/napi-v6/linux/${architecture}/libonnxruntime.so.1`,
      `${modules}/onnxruntime-node/bin/napi-v6/linux/${architecture}/onnxruntime_binding.node`,
    ]);
    const others = files.filter((path) => !natives.includes(path));
    expect(others).toContain("THIRD-PARTY-NOTICES.txt");
    expect(others).toContain(`${modules}/onnxruntime-common/dist/cjs/package.json`);
    expect(others.filter((path) => !/\.js$|\/package\.json$|^THIRD-PARTY/.test(path))).toEqual([]);
    expect(others.filter((path) => /\/(esm|lib|script)\//.test(path))).toEqual([]);
  });

  test("is the same wherever and whenever it is built", async () => {
    const other = await createBuildRoot();
    try {
      const [first, second] = await Promise.all([
        buildLayer(built.root, architecture),
        buildLayer(other.root, architecture),
      ]);
      expect(await fingerprint(second.directory)).toEqual(await fingerprint(first.directory));
    } finally {
      await other.remove();
    }
  });
});

test("a layer that is up to date stays untouched; one that differs is built again", async () => {
  const { directory } = await buildLayer(built.root, "arm64");
  const before = await stat(directory);
  expect(await buildLayer(built.root, "arm64")).toMatchObject({ isChanged: false });
  expect((await stat(directory)).ino).toBe(before.ino);

  await writeFile(join(directory, "nodejs", "stray.js"), "");
  expect(await buildLayer(built.root, "arm64")).toMatchObject({ isChanged: true });
  await rm(join(directory, "THIRD-PARTY-NOTICES.txt"));
  expect(await buildLayer(built.root, "arm64")).toMatchObject({ isChanged: true });
  expect(await listFiles(directory)).not.toContain(join("nodejs", "stray.js"));
});

test("a layer above its budget is refused with its largest files, largest first", () => {
  const files = [
    { target: "small.js", sizeBytes: 12 },
    { target: "huge.so", sizeBytes: 90_500_000 },
    { target: "large.so", sizeBytes: 4_200 },
  ];
  expect(() => assertWithinBudget("a layer", files, 0.17, 0.16)).toThrow(
    /^a layer: got 0\.170 .* allowed 0\.16; [\s\S]*90\.5 MB {2}huge\.so\n +4\.2 kB {2}large\.so\n +12 B {2}small\.js$/,
  );
  expect(() => assertWithinBudget("a layer", files, 0.16, 0.16)).not.toThrow();
});

test("another version than the pinned one is refused", async () => {
  const { root, remove } = await createBuildRoot({
    "stale/node_modules/onnxruntime-node/package.json": '{"version":"1.2.3"}',
    "stale/layers/onnxruntime/THIRD-PARTY-NOTICES.txt": "notices",
  });
  try {
    await expect(buildLayer(join(root, "stale"), "x64")).rejects.toThrow(
      /got onnxruntime-node 1\.2\.3, expected \d+\.\d+\.\d+; run npm ci/,
    );
  } finally {
    await remove();
  }
});
