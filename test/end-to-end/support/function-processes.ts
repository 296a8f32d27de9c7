import { readdir, readFile } from "node:fs/promises";

/**
 * Processes of this process' embedded cloud that run functions.
 *
 * Read from Linux' `/proc`, which needs no tool: elsewhere there are none to be seen.
 *
 * @param port - of the cloud; a function is told it by `AWS_ENDPOINT_URL`.
 * @returns process ids.
 */
export async function functionProcesses(port: number): Promise<readonly number[]> {
  const entries = await readdir("/proc").catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [stat, environment] = await Promise.all([readProc(pid, "stat"), readProc(pid, "environ")]);
      // `pid (name) state parent …`, where the name may hold anything.
      const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
      const isOurs =
        parent === String(process.pid) &&
        environment.split("\0").includes(`AWS_ENDPOINT_URL=http://127.0.0.1:${port}`);
      return isOurs ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Empty for a process that is gone, or another user's. */
async function readProc(pid: string, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");
}
