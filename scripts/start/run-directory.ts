import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Make a folder for this process under `home`, and remove those of processes that ended without doing so.
 *
 * @returns its path; the caller removes it.
 */
export async function makeRunDirectory(home: string, pid = process.pid): Promise<string> {
  await mkdir(home, { recursive: true });
  for (const name of await readdir(home)) {
    const owner = /^run-(\d+)$/.exec(name)?.[1];
    if (owner === undefined || (Number(owner) !== pid && isRunning(Number(owner)))) continue;
    await rm(join(home, name), { recursive: true, force: true });
  }
  const directory = join(home, `run-${pid}`);
  await mkdir(directory);
  return directory;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    // It exists and is another user's.
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
