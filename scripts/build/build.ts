import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { formatBytes } from "./format-bytes.ts";
import { buildFunctions, type FunctionBuild } from "./functions.ts";
import { buildLayer, type LayerBuild } from "./layer.ts";

export interface Build {
  readonly layers: readonly LayerBuild[];
  readonly functions: readonly FunctionBuild[];
}

/** Build all that the CDK app deploys: the layer for both architectures and every function, into `build/`. */
export async function buildAll(root: string): Promise<Build> {
  const [x64, arm64, functions] = await Promise.all([
    buildLayer(root, "x64"),
    buildLayer(root, "arm64"),
    buildFunctions(root),
  ]);
  return { layers: [x64, arm64], functions };
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const { layers, functions } = await buildAll(root);
  for (const { directory, sizeBytes, ratio, isChanged } of layers) {
    report(root, directory, `${formatBytes(sizeBytes)}, ${ratio.toFixed(3)} of the npm packages`, isChanged);
  }
  for (const { directory, bundleBytes, sizeBytes, isChanged } of functions) {
    report(root, directory, `${formatBytes(bundleBytes)} of ${formatBytes(sizeBytes)}`, isChanged);
  }
}

function report(root: string, directory: string, size: string, isChanged: boolean): void {
  console.log(`${directory.slice(root.length).padEnd(32)} ${size}${isChanged ? "" : " (up to date)"}`);
}
