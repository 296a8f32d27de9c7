import type { ModelDigest } from "../../contract/ids.ts";
import type { Aliases, LedgerEntry } from "../../contract/ledger.ts";
import { ModelArtifactError, ModelNotFoundError } from "../errors.ts";
import type { LoadedModel } from "../inference/loaded-model.ts";
import type { ModelLoader } from "../inference/model-loader.ts";
import type { Logger } from "../observe/logger.ts";
import type { Metrics } from "../observe/metrics.ts";
import { maxAliasAgeMs } from "./champion.ts";
import type { Ledger } from "./ledger.ts";

/** Who serves a model, loaded and checked. */
export interface ServingRoles {
  readonly champion: LoadedModel;
  readonly challenger: { readonly model: LoadedModel; readonly share: number } | undefined;
  readonly shadow: { readonly model: LoadedModel; readonly sample: number } | undefined;
}

/** Says who serves; asked at the start of every batch and request, and pinned for it. */
export interface RoleReader {
  /**
   * Who serves by the ledger, at most `maxAliasAgeMs` old.
   *
   * A champion that cannot be loaded leaves the one before it serving; a challenger or shadow that cannot be loaded, or
   * whose events are not the champion's, does not run. Either is counted (`AliasErrors`), logged, and tried
   * again after a while.
   *
   * @throws {ModelNotFoundError} `model.unknown` when nothing was published, `model.alias` when nothing is champion.
   * @throws {ModelArtifactError} when neither the champion nor any before it can serve.
   * @throws {DependencyError} when the ledger cannot be read, or a model where no other serves.
   */
  read(): Promise<ServingRoles>;
}

export interface RoleReaderOptions {
  readonly model: string;
  readonly ledger: Ledger;
  readonly loader: ModelLoader;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** A clock in milliseconds. */
  readonly nowMs: () => number;
}

/** When a version that could not be loaded is tried again. */
const retryAfterMs = 30_000;
/** Entries looked back through for a champion that can be loaded where the newest cannot. */
const maxLookBack = 20;

export function createRoleReader(options: RoleReaderOptions): RoleReader {
  const { model, ledger, loader, metrics, logger, nowMs } = options;
  let known: { entry: LedgerEntry; readMs: number } | undefined;
  let serving: { roles: ServingRoles; revision: number } | undefined;
  const failedAt = new Map<ModelDigest, number>();

  return {
    async read() {
      const entry = await newest();
      // What failed is tried again though nothing moved.
      const isDue = [...failedAt.values()].some((at) => nowMs() - at >= retryAfterMs || nowMs() < at);
      if (serving?.revision === entry.revision && !isDue) return serving.roles;
      const roles = await rolesOf(entry);
      serving = { roles, revision: entry.revision };
      return roles;
    },
  };

  async function newest(): Promise<LedgerEntry> {
    const readMs = nowMs();
    const ageMs = known === undefined ? Infinity : readMs - known.readMs;
    // A negative age: the clock was set back, and what is known would be believed for who knows how long.
    if (known !== undefined && ageMs >= 0 && ageMs < maxAliasAgeMs) return known.entry;
    const entry = await ledger.latest(model);
    if (entry === undefined) {
      throw new ModelNotFoundError(`model "${model}": nothing was published; publish a package`, {
        code: "model.unknown",
      });
    }
    known = { entry, readMs };
    return entry;
  }

  async function rolesOf(entry: LedgerEntry): Promise<ServingRoles> {
    const { champion, challenger, shadow } = entry.aliases;
    if (champion === undefined) {
      throw new ModelNotFoundError(
        `model "${model}": no version is champion; publish one with the alias champion`,
        { code: "model.alias" },
      );
    }
    failedAt.clear();
    loader.keep([...digestsOf(entry.aliases), ...(serving ? [serving.roles.champion.digest] : [])]);
    const answering = await championOf(champion.digest);
    const rival = challenger && (await besideChampion(challenger.digest, answering));
    const shade = shadow && (await besideChampion(shadow.digest, answering));
    return {
      champion: answering,
      challenger: rival && { model: rival, share: challenger.share },
      shadow: shade && { model: shade, sample: shadow.sample },
    };
  }

  async function championOf(digest: ModelDigest): Promise<LoadedModel> {
    try {
      return await tryLoad(digest);
    } catch (error) {
      report(error, "champion", digest);
      const previous = serving?.roles.champion ?? (await formerChampion(digest));
      if (previous === undefined) throw error;
      return previous;
    }
  }

  /** In a new environment nothing serves yet that could go on: the ledger knows who did before. */
  async function formerChampion(failed: ModelDigest): Promise<LoadedModel | undefined> {
    const history = await ledger.history(model, { limit: maxLookBack });
    const former = history.flatMap(({ aliases }) => aliases.champion?.digest ?? []);
    for (const digest of new Set(former)) {
      if (digest === failed) continue;
      try {
        return await tryLoad(digest);
      } catch (error) {
        if (!(error instanceof ModelArtifactError)) throw error;
      }
    }
    return undefined;
  }

  async function besideChampion(
    digest: ModelDigest,
    champion: LoadedModel,
  ): Promise<LoadedModel | undefined> {
    if (digest === champion.digest) return undefined;
    try {
      return await tryLoad(digest);
    } catch (error) {
      report(error, "rival", digest);
      return undefined;
    }
  }

  async function tryLoad(digest: ModelDigest): Promise<LoadedModel> {
    try {
      return await loader.load(digest);
    } catch (error) {
      failedAt.set(digest, nowMs());
      throw error;
    }
  }

  function report(error: unknown, role: string, digest: ModelDigest): void {
    metrics.add("AliasErrors", 1, "Count");
    logger.error("a version that the ledger names cannot serve; what served before goes on", {
      role,
      digest,
      error,
    });
  }
}

function digestsOf({ champion, challenger, shadow }: Aliases): ModelDigest[] {
  return [champion, challenger, shadow].flatMap((target) => target?.digest ?? []);
}
