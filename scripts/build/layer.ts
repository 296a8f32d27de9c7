import { copyFile, mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  keepList,
  type LayerArchitecture,
  maxSizeRatio,
  onnxruntimeVersion,
} from "../../layers/onnxruntime/keep-list.ts";
import { hasExactly, listFiles, listMatches, replaceDirectory } from "./directory.ts";
import { formatBytes } from "./format-bytes.ts";

export interface LayerBuild {
  /** Content of the layer, which Lambda mounts at /opt. */
  readonly directory: string;
  readonly sizeBytes: number;
  /** Size relative to the packages as npm installs them. */
  readonly ratio: number;
  readonly isChanged: boolean;
}

/**
 * Build the ONNX Runtime layer of one architecture into `build/layers/onnxruntime/<architecture>`.
 *
 * It depends on the installed packages and the keep-list alone, so its CDK asset hash is stable; a layer that is up to date is
 * left untouched.
 *
 * @throws when another version is installed, a kept pattern matches nothing, or the layer exceeds its size budget.
 */
export async function buildLayer(root: string, architecture: LayerArchitecture): Promise<LayerBuild> {
  const directory = join(root, "build", "layers", "onnxruntime", architecture);
  const files = await keptFiles(root, architecture);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const ratio = sizeBytes / (await installedBytes(root));
  assertWithinBudget(`onnxruntime layer for ${architecture}`, files, ratio, maxSizeRatio[architecture]);
  const sources = new Map(files.map(({ source, target }) => [target, source]));
  if (await hasExactly(directory, sources)) return { directory, sizeBytes, ratio, isChanged: false };
  await replaceDirectory(directory, async (fresh) => {
    for (const [target, source] of sources) {
      await mkdir(dirname(join(fresh, target)), { recursive: true });
      await copyFile(source, join(fresh, target));
    }
  });
  return { directory, sizeBytes, ratio, isChanged: true };
}

interface KeptFile {
  readonly source: string;
  /** Path in the layer. */
  readonly target: string;
  readonly sizeBytes: number;
}

async function keptFiles(root: string, architecture: LayerArchitecture): Promise<KeptFile[]> {
  const notices = join(root, "layers", "onnxruntime", "THIRD-PARTY-NOTICES.txt");
  const files = [await keptFile(notices, "THIRD-PARTY-NOTICES.txt")];
  for (const [name, patterns] of Object.entries(keepList)) {
    const folder = join(root, "node_modules", name);
    await assertVersion(name, folder);
    for (const pattern of patterns) {
      const paths = await listMatches(folder, pattern.replace("{arch}", architecture));
      if (paths.length === 0) {
        throw new Error(
          `onnxruntime layer: "${pattern}" matches nothing in ${name}; correct layers/onnxruntime/keep-list.ts`,
        );
      }
      for (const path of paths) {
        files.push(await keptFile(join(folder, path), join("nodejs", "node_modules", name, path)));
      }
    }
  }
  return files;
}

async function keptFile(source: string, target: string): Promise<KeptFile> {
  return { source, target, sizeBytes: (await stat(source)).size };
}

async function assertVersion(name: string, folder: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  if (version === onnxruntimeVersion) return;
  throw new Error(
    `onnxruntime layer: got ${name} ${version}, expected ${onnxruntimeVersion}; run npm ci, or change the version in layers/onnxruntime/keep-list.ts together with package.json`,
  );
}

async function installedBytes(root: string): Promise<number> {
  let sizeBytes = 0;
  for (const name of Object.keys(keepList)) {
    const folder = join(root, "node_modules", name);
    for (const path of await listFiles(folder)) sizeBytes += (await stat(join(folder, path))).size;
  }
  return sizeBytes;
}

/** @throws an error that lists the largest files when `ratio` is above `maxRatio`. */
export function assertWithinBudget(
  what: string,
  files: readonly Pick<KeptFile, "target" | "sizeBytes">[],
  ratio: number,
  maxRatio: number,
): void {
  if (ratio <= maxRatio) return;
  const largest = files
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, 10)
    .map(({ target, sizeBytes }) => `\n  ${formatBytes(sizeBytes).padStart(9)}  ${target}`);
  throw new Error(
    `${what}: got ${ratio.toFixed(3)} of the npm packages' size, allowed ${maxRatio}; keep less in layers/onnxruntime/keep-list.ts; the largest files are${largest.join("")}`,
  );
}
