import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { mustRun } from "./run-program.ts";

const execute = promisify(execFile);
const environmentFolder = fileURLToPath(new URL("../../.venv", import.meta.url));
const requirementsFile = fileURLToPath(new URL("requirements.txt", import.meta.url));
/** Written last, so an environment that was interrupted while it was made is made again. */
const stampFile = join(environmentFolder, "headrace-requirements.txt");
const oldestMinor = 11;

/** Programs of `requirements.txt`. */
export interface PythonTools {
  /** Absolute path of a program by name. */
  path(program: string): string;
  /** Version of a package, as pinned. */
  version(name: string): string;
}

/**
 * Make the private virtual environment in `.venv/` with everything `requirements.txt` pins, unless it stands already.
 *
 * @throws {Error} when there is no Python, none that is new enough, or none that makes virtual environments.
 */
export async function installPythonTools(signal?: AbortSignal): Promise<PythonTools> {
  const requirements = await readFile(requirementsFile, "utf8");
  // A virtual environment cannot be moved: its programs name its folder.
  const stamp = `# ${environmentFolder}\n${requirements}`;
  if ((await readFile(stampFile, "utf8").catch(() => undefined)) !== stamp) await install(stamp, signal);
  return {
    path: (program) => join(environmentFolder, "bin", program),
    version: (name) => pinnedVersion(requirements, name),
  };
}

export function pinnedVersion(requirements: string, name: string): string {
  const line = requirements.split("\n").find((each) => each.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`requirements.txt: got no ${name}, expected its pinned version`);
  return line.slice(name.length + 2).split(/\s/)[0]!;
}

async function install(stamp: string, signal: AbortSignal | undefined): Promise<void> {
  await checkPython();
  console.log(`installing what scripts/endpoint/requirements.txt pins into ${environmentFolder}`);
  await rm(environmentFolder, { recursive: true, force: true });
  await mustRun("python3", ["-m", "venv", environmentFolder], { signal });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  await mustRun(join(environmentFolder, "bin", "python"), [...pip, "--requirement", requirementsFile], {
    signal,
  });
  await writeFile(stampFile, stamp);
}

async function checkPython(): Promise<void> {
  if (process.platform === "win32") {
    throw new Error("got Windows, expected Linux or macOS: MiniStack runs functions there only; use WSL");
  }
  const fix = `install Python 3.${oldestMinor} or newer with its module venv (Debian: apt-get install python3-venv)`;
  const probe = "import sys, ensurepip, venv; print(sys.version_info[0], sys.version_info[1])";
  const { stdout } = await execute("python3", ["-c", probe]).catch((cause: NodeJS.ErrnoException) => {
    const got = cause.code === "ENOENT" ? "no python3 on the PATH" : "a python3 that has no venv";
    throw new Error(`got ${got}, expected one; ${fix}`, { cause });
  });
  const [major = 0, minor = 0] = stdout.split(" ").map(Number);
  if (major === 3 && minor >= oldestMinor) return;
  throw new Error(`got Python ${major}.${minor}, expected 3.${oldestMinor} or newer; ${fix}`);
}
