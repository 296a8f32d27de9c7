import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exampleFolder } from "../../../scripts/models/write-package.ts";
import { tableModel } from "../../../scripts/onnx/example-models.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary-folder.ts";

/** Keys of `model.json`, right or wrong. */
export type Declaration = Readonly<Record<string, unknown>>;

/** An example package of the project in a temporary folder, with some of `model.json` declared otherwise. */
export async function changedExample(example: string, declared: Declaration): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await cp(exampleFolder(example), folder.path, { recursive: true });
  const file = join(folder.path, "model.json");
  const declaration = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...declaration, ...declared }));
  return folder;
}

/** A package's files in a temporary folder. */
export async function packageFiles(files: Iterable<readonly [string, Uint8Array]>): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  for (const [name, content] of files) await writeFile(join(folder.path, name), content);
  return folder;
}

export const tableModelName = "table-lookup";

/**
 * A package, in a temporary folder, whose answer anyone can tell: the score of an event is the number at its `place` in `table`.
 *
 * A place outside of the table makes the whole run fail. Predictions are kept in the table `predictions`.
 */
export async function tablePackage(
  table: readonly number[],
  declared: Declaration = {},
): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  const declaration = {
    name: tableModelName,
    event: { id: "id", time: "at" },
    features: { place: { from: "place" }, unused: { from: "unused", default: 0 } },
    outputs: { score: { from: "score" } },
    keep: true,
    ...declared,
  };
  const samples = [0, table.length - 1].map((place) => ({
    event: tableEvent(`sample-${place}`, place),
    outputs: { score: table[place] },
  }));
  await writeFile(join(folder.path, "model.json"), JSON.stringify(declaration));
  await writeFile(join(folder.path, "model.onnx"), tableModel({ table: [...table] }));
  await writeFile(
    join(folder.path, "samples.jsonl"),
    samples.map((each) => `${JSON.stringify(each)}\n`).join(""),
  );
  return folder;
}

/** An event of the table model. */
export function tableEvent(id: string, place: number) {
  return { id, at: "2001-01-31T06:44:00Z", place };
}
