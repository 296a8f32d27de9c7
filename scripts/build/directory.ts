import { chmod, glob, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** The files below a folder, as sorted relative paths; empty where there is no such folder. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(noneIfMissing);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** The paths below `folder` that match a glob pattern, relative and sorted. */
export async function listMatches(folder: string, pattern: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd: folder })) paths.push(path);
  return paths.sort();
}

/** Whether a folder holds exactly these files; a content is given by the path of an equal file or in itself. */
export async function hasExactly(
  folder: string,
  contents: ReadonlyMap<string, string | Uint8Array>,
): Promise<boolean> {
  const present = await listFiles(folder);
  if (present.length !== contents.size || !present.every((path) => contents.has(path))) return false;
  for (const [path, content] of contents) {
    const file = join(folder, path);
    const isEqual =
      typeof content === "string"
        ? await isEqualFile(file, content)
        : Buffer.compare(await readFile(file), content) === 0;
    if (!isEqual) return false;
  }
  return true;
}

/**
 * Fill a new folder and put it in the place of `target` by renaming, so that nobody finds it half done.
 *
 * Runs in parallel do not disturb each other: the last one wins. Times and modes are set to constants, so that equal contents
 * make equal archives.
 */
export async function replaceDirectory(
  target: string,
  fill: (fresh: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const scratch = await mkdtemp(join(dirname(target), ".tmp-"));
  try {
    const fresh = join(scratch, "fresh");
    await mkdir(fresh);
    await fill(fresh);
    await makeUniform(fresh);
    await swap(fresh, target, join(scratch, "old"));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Another run may put its own folder there between our two renames. */
async function swap(fresh: string, target: string, old: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await rename(target, `${old}-${attempt}`).catch(noneIfMissing);
    try {
      return await rename(fresh, target);
    } catch (error) {
      const isTaken = ["ENOTEMPTY", "EEXIST", "EPERM"].includes(codeOf(error) ?? "");
      if (!isTaken || attempt === maxSwapAttempts) throw error;
    }
  }
}

const maxSwapAttempts = 20;

async function makeUniform(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    await chmod(path, entry.isDirectory() ? 0o755 : 0o644);
    await utimes(path, uniformTime, uniformTime);
  }
  await chmod(folder, 0o755);
}

/** The first moment that a zip file can express, in whichever time zone. */
const uniformTime = new Date("1980-01-02T00:00:00Z");

async function isEqualFile(a: string, b: string): Promise<boolean> {
  const [statA, statB] = await Promise.all([stat(a), stat(b)]);
  if (statA.size !== statB.size) return false;
  const [contentA, contentB] = await Promise.all([readFile(a), readFile(b)]);
  return contentA.equals(contentB);
}

function noneIfMissing(error: unknown): [] {
  if (codeOf(error) === "ENOENT") return [];
  throw error;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
