import { readFile } from "node:fs/promises";
import { exampleFolder } from "../../scripts/models/write-package.ts";

/** A text file of an example package. */
export function readText(example: string | URL, file: string): Promise<string> {
  return readFile(new URL(file, typeof example === "string" ? exampleFolder(example) : example), "utf8");
}
