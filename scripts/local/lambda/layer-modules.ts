import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FunctionConfig } from "./function-config.ts";

/**
 * Directories that `require` searches for a function's layer modules, as `/opt/nodejs/…` is searched in Lambda.
 *
 * A layer carries Linux binaries of the function's architecture. Where those cannot load (macOS, Windows, or
 * Linux on the other architecture) the host's own `node_modules` stands in for the layers; this is the only
 * place that says so. Node reads `NODE_PATH` for `require` alone, never for `import`: as in Lambda, an ES module
 * cannot import a layer's module by name, so bundles that use a layer are CommonJS.
 *
 * @returns paths in search order; a later layer wins over an earlier one, as its files would overwrite them.
 */
export function layerModulePaths(
  { layerDirectories, architecture }: Pick<FunctionConfig, "layerDirectories" | "architecture">,
  host: { readonly platform: string; readonly arch: string } = process,
): string[] {
  if (layerDirectories.length === 0) return [];
  const canLoad = host.platform === "linux" && host.arch === nodeArchitecture[architecture];
  if (!canLoad) return [hostModules()];
  const major = process.versions.node.split(".")[0];
  return layerDirectories
    .toReversed()
    .flatMap((layer) => [
      join(layer, "nodejs", `node${major}`, "node_modules"),
      join(layer, "nodejs", "node_modules"),
    ]);
}

const nodeArchitecture = { arm64: "arm64", x86_64: "x64" } as const;

function hostModules(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "node_modules"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("no node_modules above the embedded cloud; run npm ci first");
    folder = parent;
  }
  return join(folder, "node_modules");
}
