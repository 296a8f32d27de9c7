import type { LedgerEntry, Role } from "../../functions/contract/ledger.ts";
import { hasState } from "../../functions/contract/package-problems.ts";
import {
  ConfigError,
  ConflictError,
  InvariantError,
  ModelArtifactError,
} from "../../functions/core/errors.ts";
import type { InferenceEngine } from "../../functions/core/inference/model-session.ts";
import type { PackageDeclarations } from "../../functions/core/inference/package-declarations.ts";
import type { PackageStore } from "../../functions/core/inference/package-store.ts";
import type { LayoutStore } from "../../functions/core/outcome/layout-store.ts";
import type { Ledger } from "../../functions/core/rollout/ledger.ts";
import { checkPackage } from "./check-package.ts";
import type { ConcealerKeyMaker } from "./concealer-key-maker.ts";
import { type NeededBackfill, neededBackfill } from "./new-views.ts";
import type { PublishPlan } from "./publish-plan.ts";

export interface PublishOptions {
  /** The package's folder. */
  readonly folder: string;
  /** The runtime that is to serve it. */
  readonly engine: InferenceEngine;
  readonly ledger: Ledger;
  readonly packages: PackageStore;
  /** Needed by packages that declare private paths. */
  readonly concealerKeys?: ConcealerKeyMaker;
  /** Needed by packages that declare an outcome: examples are made of rows that an older version may have written. */
  readonly layouts?: LayoutStore;
  /** What the champion declares: asked to see which views are new. @default that is not told */
  readonly declarations?: PackageDeclarations;
  /** Who publishes, and what for: it stays in the ledger. */
  readonly by: string;
  readonly why: string;
  /** @default `champion` for a model's first version, else none moves */
  readonly alias?: Role;
  /**
   * Names of the models that the stage may read by several batches of a shard at once (`stateful: false`).
   *
   * @default none
   */
  readonly stateless?: readonly string[];
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Published {
  readonly plan: PublishPlan;
  /**
   * `published`: a new version; `moved`: a known version got the alias; `unchanged`: there was nothing to do, and no
   * ledger entry was written.
   */
  readonly outcome: "published" | "moved" | "unchanged";
  /** The entry written; for `unchanged`, the newest one. */
  readonly entry: LedgerEntry;
  /** What the version lacks of the past, beside what was champion before; absent where that is nothing, or not asked. */
  readonly backfill?: NeededBackfill;
}

/** A conflict means that another publisher got through, so only as many as there are publishers can follow each other. */
const maxAttempts = 100;

/**
 * Check a package, upload it and enter it in the ledger, in that order: an entry never names what is not there.
 *
 * Publishing the same content again changes nothing. When another publisher enters a revision first, the newest entry
 * is read again and everything is decided anew.
 *
 * @throws {ModelArtifactError} `model.package` with the list of what is wrong; nothing was written.
 * @throws {ConfigError} `config.model` for an alias that cannot be moved yet, and for a package that keeps state where
 *   the stage says that the model keeps none.
 */
export async function publishPackage(options: PublishOptions): Promise<Published> {
  assertAliasServed(options.alias);
  return publishPlan(await checkPackage(options.folder, options.engine), options);
}

/** Publish what was checked before. @see publishPackage */
export async function publishPlan(
  plan: PublishPlan,
  options: Omit<PublishOptions, "folder" | "engine">,
): Promise<Published> {
  assertAliasServed(options.alias);
  assertOneWriter(plan, options.stateless ?? []);
  const digest = await options.packages.write(plan.package.name, plan.files);
  if (digest !== plan.digest) {
    throw new InvariantError(`package store: wrote ${digest}, expected ${plan.digest}`);
  }
  if (plan.package.private.length > 0) await ensureConcealerKey(plan.package.name, options.concealerKeys);
  if (plan.package.outcome !== undefined) await writeLayout(plan, options.layouts);
  const backfill = await readNeededBackfill(plan, options);
  return { ...(await enter(plan, options)), ...(backfill && { backfill }) };
}

async function readNeededBackfill(
  { package: pkg }: PublishPlan,
  { ledger, declarations, now }: Pick<PublishOptions, "ledger" | "declarations" | "now">,
): Promise<NeededBackfill | undefined> {
  if (declarations === undefined || Object.keys(pkg.views).length === 0) return undefined;
  const champion = (await ledger.latest(pkg.name))?.aliases.champion;
  return neededBackfill(pkg, champion && (await readDeclaration()), now());

  async function readDeclaration() {
    try {
      return await declarations!.read(pkg.name, champion!.digest);
    } catch (error) {
      // A champion that is damaged must not keep its successor from being published; what it kept is not known then.
      if (error instanceof ModelArtifactError) return undefined;
      throw error;
    }
  }
}

async function ensureConcealerKey(model: string, keys: ConcealerKeyMaker | undefined): Promise<void> {
  if (keys === undefined)
    throw new InvariantError(
      `model "${model}": declares private paths; got no concealerKeys to publish it with`,
    );
  await keys.ensure(model);
}

async function writeLayout(
  { package: { name }, digest, layout }: PublishPlan,
  layouts: LayoutStore | undefined,
): Promise<void> {
  if (layouts === undefined || layout === undefined)
    throw new InvariantError(
      `model "${name}": declares an outcome; got no ${layout === undefined ? "layout of its rows" : "layouts"} to publish it with`,
    );
  await layouts.write(name, digest, layout);
}

function assertAliasServed(alias: Role | undefined): void {
  if (alias === undefined || alias === "champion") return;
  throw new ConfigError(
    `alias: got "${alias}", allowed: champion; nothing routes events to a challenger or a shadow yet`,
    { code: "config.model", details: { alias } },
  );
}

/** Two writers of one shard would each undo what the other adds. */
function assertOneWriter({ package: pkg }: PublishPlan, stateless: readonly string[]): void {
  if (!hasState(pkg) || !stateless.includes(pkg.name)) return;
  throw new ConfigError(
    `model "${pkg.name}": got a package with views or an outcome, expected one with neither, since the stage sets stateful: false for it; set stateful: true with parallelizationFactor 1 and deploy, or take them out of model.json`,
    { code: "config.model", details: { model: pkg.name } },
  );
}

type EntryOptions = Pick<PublishOptions, "ledger" | "alias" | "by" | "why" | "now">;

async function enter(plan: PublishPlan, options: EntryOptions): Promise<Published> {
  const { ledger } = options;
  const model = plan.package.name;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const latest = await ledger.latest(model);
    const history = await ledger.history(model);
    // Only `latest` is a consistent read: a history that lags behind it might miss this very version.
    if (history[0]?.revision !== latest?.revision) continue;
    const decision = decide(plan, options, latest, history);
    if (decision === undefined) return { plan, outcome: "unchanged", entry: latest! };
    try {
      await ledger.append(decision);
      return { plan, outcome: decision.change.kind === "publish" ? "published" : "moved", entry: decision };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  throw new ConflictError(
    `ledger: others moved ${model} ${maxAttempts} times in a row; publish again when they are done`,
    { code: "dependency.conflict", details: { model, digest: plan.digest } },
  );
}

/** The entry to append, or nothing when the ledger already says it. */
function decide(
  { package: { name: model }, digest, sourceDigest }: PublishPlan,
  { alias: wanted, by, why, now }: EntryOptions,
  latest: LedgerEntry | undefined,
  history: readonly LedgerEntry[],
): LedgerEntry | undefined {
  const isKnown = history.some(({ change }) => change.kind === "publish" && change.digest === digest);
  const alias = wanted ?? (latest === undefined ? "champion" : undefined);
  const moves = alias !== undefined && latest?.aliases[alias]?.digest !== digest;
  if (isKnown && !moves) return undefined;
  const at = new Date(Math.max(now(), latest === undefined ? -Infinity : Date.parse(latest.at)));
  return {
    model,
    revision: (latest?.revision ?? 0) + 1,
    at: at.toISOString(),
    by,
    why,
    change:
      isKnown && alias !== undefined
        ? { kind: "alias", alias, digest }
        : { kind: "publish", digest, sourceDigest, ...(moves ? { alias } : {}) },
    aliases: { ...latest?.aliases, ...(moves ? { [alias]: { digest } } : {}) },
  };
}
