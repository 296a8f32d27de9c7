import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const repositoryRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** A temporary root to build in: the installed packages, our libraries and the layer's sources, and the given files. */
export async function createBuildRoot(
  files: Readonly<Record<string, string>> = {},
): Promise<{ root: string; remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), "headrace-build-"));
  await symlink(join(repositoryRoot, "node_modules"), join(root, "node_modules"));
  for (const path of [
    "functions/adapters/onnx",
    "functions/adapters/threads",
    "functions/core",
    "functions/contract",
    "layers",
  ]) {
    await cp(join(repositoryRoot, path), join(root, path), { recursive: true });
  }
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}
