import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { mustRun } from "./run-program.ts";

const execute = promisify(execFile);
/** Written last, so an environment that was interrupted while it was made is made again. */
const stampName = "headrace-requirements.txt";
const oldestMinor = 11;

/** A private virtual environment, and what it is made of. */
export interface PythonEnvironment {
  readonly folder: string;
  readonly requirementsFile: string;
}

const endpointEnvironment: PythonEnvironment = {
  folder: fileURLToPath(new URL("../../.venv", import.meta.url)),
  requirementsFile: fileURLToPath(new URL("requirements.txt", import.meta.url)),
};

/** Programs of `requirements.txt`. */
export interface PythonTools {
  /** Absolute path of a program by name. */
  path(program: string): string;
  /** Version of a package, as pinned. */
  version(name: string): string;
}

/**
 * Make a private virtual environment with everything its requirements pin, unless it stands already.
 *
 * @param environment - the one in `.venv/` for `npm run test:endpoint` and `lint:templates` by default.
 * @throws {Error} when there is no Python, none that is new enough, or none that makes virtual environments.
 */
export async function installPythonTools(
  signal?: AbortSignal,
  environment: PythonEnvironment = endpointEnvironment,
): Promise<PythonTools> {
  const { folder, requirementsFile } = environment;
  const requirements = await readFile(requirementsFile, "utf8");
  // A virtual environment cannot be moved: its programs name its folder.
  const stamp = `# ${folder}\n${requirements}`;
  const standing = await readFile(join(folder, stampName), "utf8").catch(() => undefined);
  if (standing !== stamp) await install(environment, stamp, signal);
  return {
    path: (program) => join(folder, "bin", program),
    version: (name) => pinnedVersion(requirements, name),
  };
}

export function pinnedVersion(requirements: string, name: string): string {
  const line = requirements.split("\n").find((each) => each.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`requirements.txt: got no ${name}, expected its pinned version`);
  return line.slice(name.length + 2).split(/\s/)[0]!;
}

async function install(
  { folder, requirementsFile }: PythonEnvironment,
  stamp: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await checkPython();
  console.log(`installing what ${requirementsFile} pins into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mustRun("python3", ["-m", "venv", folder], { signal });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  await mustRun(join(folder, "bin", "python"), [...pip, "--requirement", requirementsFile], {
    signal,
  });
  await writeFile(join(folder, stampName), stamp);
}

async function checkPython(): Promise<void> {
  if (process.platform === "win32") {
    throw new Error("got Windows, expected Linux or macOS: these tools run there only; use WSL");
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
