import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** Whether this system lets them be found. */
export const canFindProcesses = process.platform !== "win32";

/**
 * Processes of an embedded cloud within this process that run functions.
 *
 * Linux is asked by `/proc`, for its small images have no `ps`. Elsewhere the clouds of one process are not told
 * apart, and a test has one at a time.
 *
 * @param port - of the cloud; a function is told it by `AWS_ENDPOINT_URL`.
 * @returns process ids; none on Windows.
 */
export async function functionProcesses(port: number): Promise<readonly number[]> {
  if (process.platform === "linux") return processesInProc(port);
  return canFindProcesses ? processesOfPs() : [];
}

/** Kill every function of an embedded cloud, whatever it is at. */
export async function killFunctions(port: number): Promise<void> {
  for (const pid of await functionProcesses(port)) process.kill(pid, "SIGKILL");
}

async function processesInProc(port: number): Promise<readonly number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
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

async function processesOfPs(): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,command="]);
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/);
    return parent === String(process.pid) && line.includes("bootstrap.cjs") ? [Number(pid)] : [];
  });
}
