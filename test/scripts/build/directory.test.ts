import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasExactly, listFiles, replaceDirectory } from "../../../scripts/build/directory.ts";

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headrace-directory-"));
  target = join(folder, "target");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function filler(files: Readonly<Record<string, string>>): (fresh: string) => Promise<void> {
  return async (fresh) => {
    await mkdir(join(fresh, "deep"), { mode: 0o700 });
    for (const [path, content] of Object.entries(files)) {
      await writeFile(join(fresh, path), content, { mode: 0o700 });
    }
  };
}

describe("replacing a directory", () => {
  test("leaves the new files and no others, all with constant times and modes", async () => {
    await replaceDirectory(target, filler({ "old.txt": "old" }));
    await replaceDirectory(target, filler({ "deep/new.txt": "new" }));
    expect(await listFiles(target)).toEqual([join("deep", "new.txt")]);
    const { mode, mtimeMs } = await stat(join(target, "deep", "new.txt"));
    expect([mode & 0o777, mtimeMs]).toEqual([0o644, Date.UTC(1980, 0, 2)]);
    expect((await stat(join(target, "deep"))).mode & 0o777).toBe(0o755);
    expect(await readdir(folder)).toEqual(["target"]);
  });

  test("keeps the old one when filling the new one fails", async () => {
    await replaceDirectory(target, filler({ "a.txt": "kept" }));
    const failing = async () => {
      throw new Error("disk full");
    };
    await expect(replaceDirectory(target, failing)).rejects.toThrow("disk full");
    expect(await readFile(join(target, "a.txt"), "utf8")).toBe("kept");
    expect(await readdir(folder)).toEqual(["target"]);
  });

  test("in parallel leaves one run's files whole, never a mixture", async () => {
    const runs = Array.from({ length: 8 }, (_, run) =>
      replaceDirectory(target, filler({ "a.txt": `run ${run}`, "deep/b.txt": `run ${run}` })),
    );
    await Promise.all(runs);
    const [a, b] = await Promise.all(
      ["a.txt", "deep/b.txt"].map((path) => readFile(join(target, path), "utf8")),
    );
    expect(a).toMatch(/^run \d$/);
    expect(b).toBe(a);
    expect(await readdir(folder)).toEqual(["target"]);
  });
});

describe("comparing a directory", () => {
  const contents = new Map([["a.txt", Buffer.from("a")]]);

  test.each([
    ["is missing", async () => {}, false],
    ["is equal", () => replaceDirectory(target, filler({ "a.txt": "a" })), true],
    ["has another content", () => replaceDirectory(target, filler({ "a.txt": "b" })), false],
    ["has a file too many", () => replaceDirectory(target, filler({ "a.txt": "a", "b.txt": "b" })), false],
    ["lacks a file", () => replaceDirectory(target, filler({})), false],
  ])("that %s", async (_, prepare, expected) => {
    await prepare();
    expect(await hasExactly(target, contents)).toBe(expected);
  });

  test("with files elsewhere compares their contents", async () => {
    const twin = join(folder, "twin");
    await replaceDirectory(target, filler({ "a.txt": "same" }));
    await writeFile(twin, "same");
    expect(await hasExactly(target, new Map([["a.txt", twin]]))).toBe(true);
    await writeFile(twin, "sane");
    expect(await hasExactly(target, new Map([["a.txt", twin]]))).toBe(false);
  });

  test("does not follow links out of it", async () => {
    await replaceDirectory(target, filler({}));
    await symlink("/etc/hosts", join(target, "a.txt"));
    expect(await listFiles(target)).toEqual([]);
  });
});
