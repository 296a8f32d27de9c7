import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { build, formatMessages, type Metafile } from "esbuild";
import { bundleNotices } from "./bundle-notices.ts";
import { hasExactly, listMatches, replaceDirectory } from "./directory.ts";
import { leaveOut } from "./leave-out.ts";
import { ownSourceMap } from "./own-source-map.ts";

export interface FunctionBuild {
  readonly name: string;
  /** The Lambda asset; its handler is `index.handler`. */
  readonly directory: string;
  readonly bundleBytes: number;
  readonly sizeBytes: number;
  readonly isChanged: boolean;
}

/**
 * Bundle every `functions/<name>/handler.ts` into `build/functions/<name>`, and remove bundles whose source is gone.
 *
 * A `thread.ts` beside the handler becomes `thread.js` beside the bundle: the script of the function's worker threads.
 */
export async function buildFunctions(root: string): Promise<FunctionBuild[]> {
  const entries = await listMatches(root, "functions/*/handler.ts");
  const builds = await Promise.all(entries.map((entry) => buildFunction(root, entry)));
  await removeOthers(join(root, "build", "functions"), builds);
  return builds;
}

/** Bundle one function; `entry` is relative to `root`. The metafile goes beside the assets, to `build/meta/<name>.json`. */
export async function buildFunction(root: string, entry: string): Promise<FunctionBuild> {
  const name = basename(dirname(entry));
  const directory = join(root, "build", "functions", name);
  const { files, metafile } = await bundle(root, entry, directory);
  files.set("THIRD-PARTY-NOTICES.txt", Buffer.from(await bundleNotices(root, metafile)));
  const isChanged = !(await hasExactly(directory, files));
  if (isChanged) {
    await replaceDirectory(directory, async (fresh) => {
      for (const [path, content] of files) await writeFile(join(fresh, path), content);
    });
  }
  await mkdir(join(root, "build", "meta"), { recursive: true });
  await writeFile(join(root, "build", "meta", `${name}.json`), JSON.stringify(metafile));
  const sizes = [...files.values()].map((content) => content.byteLength);
  return {
    name,
    directory,
    bundleBytes: files.get("index.js")?.byteLength ?? 0,
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    isChanged,
  };
}

interface Bundle {
  readonly files: Map<string, Uint8Array>;
  readonly metafile: Metafile;
}

async function bundle(root: string, entry: string, directory: string): Promise<Bundle> {
  const thread = `${dirname(entry)}/thread.ts`;
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: { index: entry, ...((await listMatches(root, thread)).length > 0 && { thread }) },
    outdir: directory,
    write: false,
    bundle: true,
    platform: "node",
    target: "node24",
    // Loads as fast as ES modules or faster, and only `require` searches layers, by NODE_PATH.
    format: "cjs",
    supported: { "dynamic-import": false },
    external: ["onnxruntime-node"],
    // The AWS SDK's ES modules make a bundle two thirds the size of its CommonJS ones.
    mainFields: ["module", "main"],
    minify: true,
    charset: "utf8",
    legalComments: "none",
    // Not named in the bundle: it is read only when an error is logged.
    sourcemap: "external",
    sourcesContent: false,
    plugins: [leaveOut, ownSourceMap],
    metafile: true,
    logLevel: "silent",
  });
  for (const text of await formatMessages(warnings, { kind: "warning" })) console.warn(text);
  return {
    files: new Map(outputFiles.map(({ path, contents }) => [relative(directory, path), contents])),
    metafile,
  };
}

async function removeOthers(folder: string, builds: readonly FunctionBuild[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const wanted = new Set(builds.map((build) => build.name));
  for (const name of await readdir(folder)) {
    // A name with a dot is the scratch folder of a run in parallel.
    if (!wanted.has(name) && !name.startsWith("."))
      await rm(join(folder, name), { recursive: true, force: true });
  }
}
