import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type PackageFileName, packageFileNames } from "../../functions/contract/manifest.ts";
import { maxReferenceBytes } from "../../functions/contract/reference.ts";
import { maxModelBytes } from "../../functions/core/train/onnx/parse-model.ts";
import { didYouMean } from "./nearest.ts";
import type { Problem } from "./problem.ts";

const MiB = 2 ** 20;

/**
 * Greatest size of each file, in bytes.
 *
 * `model.onnx`: what the ONNX parser takes; a function keeps the bytes, the graph and the weights at once, so a larger one
 * would hardly load in a Lambda function. The others are read by people and by checks.
 */
export const fileLimitsBytes: Readonly<Record<PackageFileName, number>> = {
  "model.json": 4 * MiB,
  "model.onnx": maxModelBytes,
  "samples.jsonl": 64 * MiB,
  "reference.json": maxReferenceBytes,
};

const required: readonly PackageFileName[] = ["model.json", "model.onnx"];
/** Allowed in the folder for its readers, and left out of what is published. */
const unpublished: readonly string[] = ["README.md"];

/** Read a package folder as it is; nothing in the files is looked at yet. */
export async function readFolder(
  folder: string,
): Promise<{ files: Map<PackageFileName, Buffer>; problems: Problem[] }> {
  const files = new Map<PackageFileName, Buffer>();
  const problems: Problem[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    const what = error.code === "ENOENT" ? "no such folder" : "not a folder";
    problems.push({ message: `${folder}: ${what}; give the folder that holds model.json and model.onnx` });
    return undefined;
  });
  if (entries === undefined) return { files, problems };

  const allowed = [...packageFileNames, ...unpublished];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (unpublished.includes(entry.name)) continue;
    if (!isPackageFile(entry.name)) {
      const kind = entry.isDirectory() ? "folder" : "file";
      const message = `not a ${kind} of a package${didYouMean(entry.name, allowed)}; allowed: ${allowed.join(", ")}; ${externalDataHint(entry.name)}`;
      problems.push({ file: entry.name, message });
      continue;
    }
    const content = await readBounded(join(folder, entry.name), fileLimitsBytes[entry.name]);
    if (Buffer.isBuffer(content)) files.set(entry.name, content);
    else problems.push({ file: entry.name, message: content.message });
  }
  for (const name of required) {
    const isReported = problems.some(({ file }) => file === name);
    if (!files.has(name) && !isReported) problems.push({ file: name, message: `missing from ${folder}` });
  }
  return { files, problems };
}

function isPackageFile(name: string): name is PackageFileName {
  return (packageFileNames as readonly string[]).includes(name);
}

/** Large exporters split weights off into a file beside the model, which a package cannot carry. */
function externalDataHint(name: string): string {
  return /\.(data|bin|weights?)$|onnx[._]data/i.test(name)
    ? "weights must stand inside model.onnx, so save it without external data"
    : "remove it or move it out of the folder";
}

async function readBounded(path: string, limitBytes: number): Promise<Buffer | { message: string }> {
  const handle = await open(path);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return { message: "not a plain file" };
    if (stat.size > limitBytes) {
      return { message: `got ${stat.size} bytes, allowed are at most ${limitBytes}` };
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
