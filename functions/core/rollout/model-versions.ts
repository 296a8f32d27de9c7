import type { ModelDigest } from "../../contract/ids.ts";
import type { LedgerEntry } from "../../contract/ledger.ts";
import { ModelNotFoundError } from "../errors.ts";
import { maxAliasAgeMs } from "./champion.ts";
import type { Ledger } from "./ledger.ts";

/** Says which versions of a model there are, and which one a name means; at most a second old. */
export interface ModelVersions {
  /**
   * The digest that `version` means: an alias, or a digest that was published.
   *
   * @throws {ModelNotFoundError} `model.unknown` when nothing was published, `model.alias` when the alias names no
   *   version, `model.version` when there is no such version.
   * @throws {DependencyError} when the ledger cannot be read.
   */
  resolve(version: string): Promise<ModelDigest>;
  /** Every published digest, the newest first, each once. @throws as `resolve` does */
  published(): Promise<readonly ModelDigest[]>;
}

const aliasNames = ["champion", "challenger", "shadow"] as const;

export function createModelVersions(options: {
  readonly model: string;
  readonly ledger: Ledger;
  /** A clock in milliseconds. */
  readonly nowMs: () => number;
}): ModelVersions {
  const { model, ledger, nowMs } = options;
  let known: { entries: readonly LedgerEntry[]; readMs: number } | undefined;

  return {
    async resolve(version) {
      const entries = await history();
      const alias = aliasNames.find((name) => name === version);
      if (alias !== undefined) return digestOf(entries[0]!, alias);
      const digest = digestsOf(entries).find((each) => each === version);
      if (digest !== undefined) return digest;
      throw new ModelNotFoundError(
        `model "${model}": no such version; ask for a digest that the model's metadata lists, or an alias such as champion`,
        { code: "model.version" },
      );
    },
    async published() {
      return digestsOf(await history());
    },
  };

  async function history(): Promise<readonly LedgerEntry[]> {
    const readMs = nowMs();
    const ageMs = known === undefined ? Infinity : readMs - known.readMs;
    // A negative age: the clock was set back.
    if (known === undefined || ageMs < 0 || ageMs >= maxAliasAgeMs) {
      known = { entries: await ledger.history(model), readMs };
    }
    if (known.entries.length > 0) return known.entries;
    throw new ModelNotFoundError(`model "${model}": nothing was published; publish a package`, {
      code: "model.unknown",
    });
  }

  function digestOf(newest: LedgerEntry, alias: (typeof aliasNames)[number]): ModelDigest {
    const target = newest.aliases[alias];
    if (target !== undefined) return target.digest;
    throw new ModelNotFoundError(
      `model "${model}": no version is ${alias}; publish one with the alias ${alias}`,
      { code: "model.alias" },
    );
  }
}

function digestsOf(entries: readonly LedgerEntry[]): ModelDigest[] {
  const digests = entries.flatMap(({ change }) => (change.kind === "publish" ? [change.digest] : []));
  return [...new Set(digests)];
}
