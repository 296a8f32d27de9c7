import { mkdir, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

/** The files of an example package that a script makes, by name. */
export type GeneratedFiles = Readonly<Record<string, string | Uint8Array>>;

/** Folder of an example package. */
export function exampleFolder(name: string): URL {
  return new URL(`../../models/${name}/`, import.meta.url);
}

/** Write an example package's files, when the module that makes them is the one that was started. */
export async function writeWhenStarted(
  moduleUrl: string,
  folder: URL,
  make: () => Promise<GeneratedFiles>,
): Promise<void> {
  if (moduleUrl !== pathToFileURL(process.argv[1] ?? "").href) return;
  await mkdir(folder, { recursive: true });
  for (const [file, content] of Object.entries(await make())) await writeFile(new URL(file, folder), content);
}
