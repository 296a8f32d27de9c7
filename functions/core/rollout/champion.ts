import type { ModelDigest } from "../../contract/ids.ts";
import { ModelNotFoundError } from "../errors.ts";
import type { Ledger } from "./ledger.ts";

/** Says which version answers. */
export interface ChampionReader {
  /**
   * The champion's digest, at most `maxAgeMs` old.
   *
   * @throws {ModelNotFoundError} `model.unknown` when nothing was published, `model.alias` when nothing is champion.
   * @throws {DependencyError} when the ledger cannot be read.
   */
  read(): Promise<ModelDigest>;
}

/** How long a read of the ledger is believed: bounds the reads of a busy function, and how late a move is noticed. */
export const maxAliasAgeMs = 1_000;

export function createChampionReader(options: {
  readonly model: string;
  readonly ledger: Ledger;
  /** A clock in milliseconds. */
  readonly nowMs: () => number;
}): ChampionReader {
  const { model, ledger, nowMs } = options;
  let known: { digest: ModelDigest; readMs: number } | undefined;
  return {
    async read() {
      const readMs = nowMs();
      const ageMs = known === undefined ? Infinity : readMs - known.readMs;
      // A negative age: the clock was set back, and what is known would be believed for who knows how long.
      if (known !== undefined && ageMs >= 0 && ageMs < maxAliasAgeMs) return known.digest;
      known = { digest: await championOf(model, ledger), readMs };
      return known.digest;
    },
  };
}

async function championOf(model: string, ledger: Ledger): Promise<ModelDigest> {
  const entry = await ledger.latest(model);
  if (entry === undefined) {
    throw new ModelNotFoundError(`model "${model}": nothing was published; publish a package`, {
      code: "model.unknown",
    });
  }
  if (entry.aliases.champion === undefined) {
    throw new ModelNotFoundError(
      `model "${model}": no version is champion; publish one with the alias champion`,
      { code: "model.alias" },
    );
  }
  return entry.aliases.champion.digest;
}
