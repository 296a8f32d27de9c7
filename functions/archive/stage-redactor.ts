import type { ModelDigest } from "../contract/ids.ts";
import { ModelNotFoundError } from "../core/errors.ts";
import type { PackageDeclarations } from "../core/inference/package-declarations.ts";
import type { ConcealerKeys } from "../core/private/concealer-keys.ts";
import type { Redactor } from "../core/private/redactor.ts";
import { type PrivateDeclaration, redactorOf } from "../core/private/redactor-of.ts";
import { createChampionReader } from "../core/rollout/champion.ts";
import type { Ledger } from "../core/rollout/ledger.ts";

/** Says what is private to the models of a stage. */
export interface StageRedactor {
  /**
   * The redactor for what is private to any model's champion, at most a second old.
   *
   * @throws {ModelNotFoundError} when a model has no champion: what is private to it is not known yet.
   * @throws {ModelArtifactError} when a champion's declaration or its key cannot be used.
   * @throws {DependencyError} when they cannot be read.
   */
  read(): Promise<Redactor>;
}

export function createStageRedactor(options: {
  readonly models: readonly string[];
  readonly ledger: Ledger;
  readonly declarations: PackageDeclarations;
  readonly keys: ConcealerKeys;
  /** A clock in milliseconds. */
  readonly nowMs: () => number;
}): StageRedactor {
  const { models, ledger, declarations, keys, nowMs } = options;
  const champions = models.map((model) => createChampionReader({ model, ledger, nowMs }));
  let known: { readonly digests: readonly ModelDigest[]; readonly redactor: Redactor } | undefined;
  const declared = new Map<ModelDigest, PrivateDeclaration>();

  return {
    async read() {
      const digests = await readChampions();
      // What a digest names never changes.
      if (known !== undefined && digests.every((digest, i) => digest === known?.digests[i]))
        return known.redactor;
      const packages = await Promise.all(digests.map((digest, i) => declarationOf(models[i]!, digest)));
      known = { digests, redactor: await redactorOf(packages, keys) };
      return known.redactor;
    },
  };

  async function readChampions(): Promise<readonly ModelDigest[]> {
    const reads = await Promise.allSettled(champions.map((champion) => champion.read()));
    const unpublished = models.filter((_, i) => {
      const read = reads[i]!;
      return read.status === "rejected" && read.reason instanceof ModelNotFoundError;
    });
    const failure = reads.find((read) => read.status === "rejected");
    if (unpublished.length > 0) throw notKnown(unpublished, failure?.reason);
    return reads.map((read) => {
      if (read.status === "rejected") throw read.reason;
      return read.value;
    });
  }

  async function declarationOf(model: string, digest: ModelDigest): Promise<PrivateDeclaration> {
    const read = declared.get(digest);
    if (read !== undefined) return read;
    // The rest of a declaration, lists of categories for one, may be large.
    const { name, private: paths, event, outcome } = await declarations.read(model, digest);
    const declaration = { name, private: paths, event, outcome };
    declared.set(digest, declaration);
    return declaration;
  }
}

function notKnown(models: readonly string[], cause: unknown): ModelNotFoundError {
  return new ModelNotFoundError(
    `archive: no champion yet of ${models.join(", ")}, so what is private there is not known; publish a package, or take the model out of the stage's configuration`,
    { code: "model.alias", details: { models }, cause },
  );
}
