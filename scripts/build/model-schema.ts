import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import * as z from "zod/mini";
import { modelPackage } from "../../functions/contract/model-package.ts";

/** Where the JSON Schema of `model.json` is kept. */
export const modelSchemaFile = new URL("../../docs/schema/model.schema.json", import.meta.url);

/** The JSON Schema (draft 2020-12) of `model.json` as a user writes it: what has a default may be left out. */
export function modelSchemaText(): string {
  const schema = z.toJSONSchema(modelPackage, { io: "input" });
  return `${JSON.stringify({ title: "Headrace model package", ...schema }, undefined, 2)}\n`;
}

/** Write the schema, or with `--check` only tell whether the kept one is current. */
async function main(): Promise<void> {
  if (!process.argv.includes("--check")) return writeFile(modelSchemaFile, modelSchemaText());
  if ((await readFile(modelSchemaFile, "utf8")) === modelSchemaText()) return;
  console.error("docs/schema/model.schema.json is not current; run: node scripts/build/model-schema.ts");
  process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
