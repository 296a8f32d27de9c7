import { readFile } from "node:fs/promises";

/**
 * Private memory of a process in MiB: anonymous and shared-memory pages.
 *
 * File-backed pages (the node binary, a layer's libraries) are left out: the kernel drops them before it kills.
 *
 * @returns `undefined` where the system has no `/proc`, or the process is gone.
 */
export async function processMemoryMiB(pid: number): Promise<number | undefined> {
  let status: string;
  try {
    status = await readFile(`/proc/${pid}/status`, "latin1");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  const sharedKibibytes = /^RssShmem:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) return undefined;
  return (Number(kibibytes) + Number(sharedKibibytes ?? 0)) / 1024;
}
