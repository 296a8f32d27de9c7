import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOrtEngine } from "../../../functions/adapters/onnx/ort-engine.ts";
import { exampleFolder } from "../../../scripts/models/write-package.ts";

export const engine = createOrtEngine({ memoryMiB: 1769 });

export type FileChange = string | Uint8Array | undefined | ((content: string) => string);

/** A temporary copy of an example package with some files changed (`undefined` leaves one out); disposed of at the end of its scope. */
export async function packageFolder(
  changes: Readonly<Record<string, FileChange>> = {},
  example: string | URL = "sensor-state",
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "headrace-package-"));
  await cp(typeof example === "string" ? exampleFolder(example) : example, path, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const file = join(path, name);
    if (change === undefined) await rm(file);
    else await writeFile(file, typeof change === "function" ? change(await readFile(file, "utf8")) : change);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** A change of `model.json` by merging into its top level. */
export function declare(change: Readonly<Record<string, unknown>>): Record<string, FileChange> {
  return { "model.json": (text) => JSON.stringify({ ...JSON.parse(text), ...change }) };
}
