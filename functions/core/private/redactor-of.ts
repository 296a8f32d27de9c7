import type { ModelPackage } from "../../contract/model-package.ts";
import { isIdPrivate, privatePaths } from "../../contract/package-problems.ts";
import { type Conceal, createConcealer } from "./concealer.ts";
import type { ConcealerKeys } from "./concealer-keys.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

/** What of a package says what is private. */
export type PrivateDeclaration = Pick<ModelPackage, "name" | "private" | "event" | "outcome">;

/**
 * Make the redactor of one package, or of several that read one stream: what is private to any of them is removed, and
 * a value is concealed with the key of the first that declares its path. Where an event's id is private, so it is where
 * outcomes name it.
 *
 * @throws {ModelArtifactError} `model.package` when a package declares private paths and its model has no key.
 * @throws {DependencyError} when a key cannot be read.
 */
export async function redactorOf(
  packages: readonly PrivateDeclaration[],
  keys: ConcealerKeys,
): Promise<Redactor> {
  const declaring = packages.filter((pkg) => pkg.private.length > 0);
  const concealers = await Promise.all(
    declaring.map(async ({ name }) => createConcealer(await keys.read(name))),
  );
  const concealerOf = new Map<string, Conceal>();
  const outcomes = new Map<string, Conceal>();
  declaring.forEach((pkg, i) => {
    for (const path of privatePaths(pkg)) if (!concealerOf.has(path)) concealerOf.set(path, concealers[i]!);
    if (isIdPrivate(pkg)) outcomes.set(pkg.name, concealers[i]!);
  });
  return createRedactor([...concealerOf.keys()], (text, path) => concealerOf.get(path)!(text), outcomes);
}
