import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import { openPackage } from "../backfill/open-package.ts";

const keyBytes = 32;

/**
 * Make a package's model ready to run examples. A `reference.json` that stands there is not looked at: it may be of another
 * model, which is why a new one is made.
 *
 * @throws {ModelArtifactError} `model.package` with the list of what is wrong.
 */
export async function openForReference(folder: string): Promise<LoadedModel> {
  const temporary = await mkdtemp(join(tmpdir(), "headrace-reference-"));
  try {
    for (const name of await readdir(folder))
      if (name !== "reference.json") await symlink(resolve(folder, name), join(temporary, name));
    // Examples have no private values: any key will do.
    return (await openPackage(temporary, { read: async () => randomBytes(keyBytes) })).model;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
