import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type Template, templateSchema } from "./template.ts";

/** One stack of a synthesised app, with the local files that its assets are. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly template: Template;
  /** The template as written, for GetTemplate. */
  readonly templateBody: string;
  /** Absolute path of each asset by the object key it would have in the assets bucket, e.g. `<hash>.zip`. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Read what `cdk synth` left in a directory: its stacks, those that others depend on first.
 *
 * @throws {Error} when the directory holds no cloud assembly, or a stack of it cannot be read.
 */
export async function readAssembly(directory: string): Promise<readonly AssemblyStack[]> {
  const manifest = await readJson(join(directory, "manifest.json"), manifestSchema);
  const ordered: AssemblyStack[] = [];
  const visited = new Set<string>();
  const visit = async (id: string): Promise<void> => {
    const artifact = manifest.artifacts[id];
    if (artifact === undefined || visited.has(id)) return;
    visited.add(id);
    for (const dependency of artifact.dependencies) await visit(dependency);
    const { directoryName, templateFile } = artifact.properties;
    if (artifact.type === "cdk:cloud-assembly" && directoryName !== undefined) {
      ordered.push(...(await readAssembly(join(directory, directoryName))));
    } else if (artifact.type === "aws:cloudformation:stack" && templateFile !== undefined) {
      const assetFiles = artifact.dependencies.flatMap(
        (name) => manifest.artifacts[name]?.properties.file ?? [],
      );
      ordered.push({
        stackName: artifact.properties.stackName ?? id,
        template: await readJson(join(directory, templateFile), templateSchema),
        templateBody: await readFile(join(directory, templateFile), "utf8"),
        assets: await readAssets(directory, assetFiles),
      });
    }
  };
  for (const id of Object.keys(manifest.artifacts)) await visit(id);
  return ordered;
}

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      dependencies: z.array(z.string()).default([]),
      properties: z
        .object({
          stackName: z.string().optional(),
          templateFile: z.string().optional(),
          file: z.string().optional(),
          directoryName: z.string().optional(),
        })
        .default({}),
    }),
  ),
});

const assetManifestSchema = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

async function readAssets(directory: string, files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const assets = new Map<string, string>();
  for (const file of files) {
    const manifest = await readJson(join(directory, file), assetManifestSchema);
    for (const { source, destinations } of Object.values(manifest.files)) {
      if (source.path === undefined) continue;
      for (const { objectKey } of Object.values(destinations))
        assets.set(objectKey, join(directory, source.path));
    }
  }
  return assets;
}

async function readJson<Output>(path: string, schema: z.ZodType<Output>): Promise<Output> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (cause) {
    throw new Error(`cannot read ${path}; give the directory that \`cdk synth\` writes, usually cdk.out`, {
      cause,
    });
  }
  const parsed = schema.safeParse(JSON.parse(content));
  if (!parsed.success) throw new Error(`${path} is not as expected: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
