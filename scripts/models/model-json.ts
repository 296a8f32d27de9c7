import type { ModelPackageInput } from "../../functions/contract/model-package.ts";

const lineWidth = 110;

/** Write a package's `model.json` as a person would: indented, with long lists of plain values filled line by line. */
export function modelJson(declared: ModelPackageInput): string {
  const withSchema = { $schema: "../../docs/schema/model.schema.json", ...declared };
  return `${JSON.stringify(withSchema, undefined, 2).replace(/^( *)(.*)\[\n([^[\]{}]*?)\n *\]/gm, fillList)}\n`;
}

function fillList(_: string, indent: string, before: string, body: string): string {
  const values = body.split("\n").map((line) => line.trim());
  const short = `${indent}${before}[${values.join(" ")}]`;
  if (short.length <= lineWidth) return short;
  const lines: string[] = [];
  for (const value of values) {
    const last = lines.at(-1);
    const width = indent.length + 2 + (last?.length ?? lineWidth) + 1 + value.length;
    if (width <= lineWidth) lines[lines.length - 1] = `${last} ${value}`;
    else lines.push(value);
  }
  return `${indent}${before}[\n${lines.map((line) => `${indent}  ${line}`).join("\n")}\n${indent}]`;
}
