import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelPackage } from "../../functions/contract/model-package.ts";
import { constraints } from "./constraints.ts";
import { driftOfConstraints, type ImportedDrift } from "./drift-of-constraints.ts";
import { withMember } from "./with-member.ts";

/** Far above any baseline. */
const maxFileBytes = 16 * 2 ** 20;

/**
 * Write what constraints say of a package's features into its `model.json`, as `drift.rules` and `drift.threshold`. What
 * stands there under other names stays, and so does the rest of the file, to the letter.
 *
 * @returns what was written, and what was not.
 * @throws {Error} when a file is missing, or is not what it is taken for; nothing is written then.
 */
export async function importConstraints(file: string, folder: string): Promise<ImportedDrift> {
  const path = join(folder, "model.json");
  const given = constraints.safeParse(await readJson(file));
  if (!given.success) throw new Error(`${file}: no constraints.json: ${problemsOf(given.error)}`);
  const text = await readText(path);
  const declared = JSON.parse(text);
  const parsed = modelPackage.safeParse(declared);
  if (!parsed.success) throw new Error(`${path}: not valid: ${problemsOf(parsed.error)}`);
  const imported = driftOfConstraints(given.data, parsed.data);
  const before: { rules?: Record<string, object> } = declared.drift ?? {};
  const rules = { ...before.rules };
  for (const [name, rule] of Object.entries(imported.rules)) rules[name] = { ...rules[name], ...rule };
  const { threshold } = imported;
  const drift = {
    ...before,
    ...(threshold !== undefined && { threshold }),
    ...(Object.keys(rules).length > 0 && { rules }),
  };
  // A drift of nothing is what every package has.
  const written = Object.keys(drift).length === 0 ? text : withMember(text, "drift", drift);
  modelPackage.parse(JSON.parse(written));
  if (written !== text) await writeFile(path, written);
  return imported;
}

async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file}: no JSON`, { cause });
  }
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file);
  if (bytes.byteLength > maxFileBytes)
    throw new Error(`${file}: got ${bytes.byteLength} bytes, allowed are ${maxFileBytes}`);
  return bytes.toString("utf8");
}

function problemsOf({
  issues,
}: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  return issues.map(({ path, message }) => `${path.map(String).join(".") || "file"}: ${message}`).join("; ");
}
