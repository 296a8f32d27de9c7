import type { ModelDigest } from "../../functions/contract/ids.ts";
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
import { type AliasTarget, isStanding, withAlias } from "../../functions/core/rollout/alias-change.ts";
import type { Ledger } from "../../functions/core/rollout/ledger.ts";
import { explainConflict } from "../../functions/core/rollout/move-alias.ts";
import { assertTarget, followUp } from "../../functions/core/rollout/moves.ts";
import { readHistory } from "../../functions/core/rollout/read-history.ts";
import type { MoveCheck } from "../rollout/move-check.ts";
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
  /** Of the entities that it answers as challenger, from 0 to 1. @default 0: it only scores beside the champion */
  readonly share?: number;
  /** Of the events that it scores as shadow, above 0, at most 1. @default 1 */
  readonly sample?: number;
  /** Asked before an alias moves to the version, which is stored by then. @default every move is sound */
  readonly check?: MoveCheck;
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
  /** What is left to do, as lines for whoever publishes. */
  readonly advice: readonly string[];
  /** What the version lacks of the past, beside what was champion before; absent where that is nothing, or not asked. */
  readonly backfill?: NeededBackfill;
}

/** A conflict means that another publisher got through, so only as many as there are publishers can follow each other. */
const maxAttempts = 100;

/**
 * Check a package, upload it and enter it in the ledger, in that order: an entry never names what is not there.
 *
 * Publishing the same content again changes nothing. When another publisher enters a revision first, the newest entry
 * is read again and everything is decided anew; but who wants an alias is told where somebody else has moved one.
 *
 * @throws {ModelArtifactError} `model.package` with the list of what is wrong; nothing was written.
 * @throws {ConfigError} `config.model` for a package that keeps state where the stage says that the model keeps none.
 * @throws {ConflictError} `dependency.conflict` when somebody else moved an alias first.
 * @throws as `decideMove` and the check do for an alias that cannot be moved.
 */
export async function publishPackage(options: PublishOptions): Promise<Published> {
  return publishPlan(await checkPackage(options.folder, options.engine), options);
}

/** Publish what was checked before. @see publishPackage */
export async function publishPlan(
  plan: PublishPlan,
  options: Omit<PublishOptions, "folder" | "engine">,
): Promise<Published> {
  assertOneWriter(plan, options.stateless ?? []);
  // What makes no sense is refused before anything is written.
  decide(plan, options, await readHistory(options.ledger, plan.package.name));
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

/** Two writers of one shard would each undo what the other adds. */
function assertOneWriter({ package: pkg }: PublishPlan, stateless: readonly string[]): void {
  if (!hasState(pkg) || !stateless.includes(pkg.name)) return;
  throw new ConfigError(
    `model "${pkg.name}": got a package with views or an outcome, expected one with neither, since the stage sets stateful: false for it; set stateful: true with parallelizationFactor 1 and deploy, or take them out of model.json`,
    { code: "config.model", details: { model: pkg.name } },
  );
}

type EntryOptions = Pick<
  PublishOptions,
  "ledger" | "alias" | "share" | "sample" | "check" | "by" | "why" | "now"
>;

async function enter(plan: PublishPlan, options: EntryOptions): Promise<Published> {
  const { ledger, check } = options;
  const model = plan.package.name;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const history = await readHistory(ledger, model);
    const decision = decide(plan, options, history);
    if (decision === undefined) return { plan, outcome: "unchanged", entry: history[0]!, advice: [] };
    const found = await check?.({ entry: decision, history });
    const entry = found === undefined ? decision : { ...decision, why: `${decision.why} (${found.remark})` };
    const outcome = decision.change.kind === "publish" ? "published" : "moved";
    try {
      await ledger.append(entry);
      return { plan, outcome, entry, advice: found?.advice ?? [] };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      if (options.alias !== undefined && (await isAliasMoved(ledger, entry)))
        throw await explainConflict(ledger, entry, error);
    }
  }
  throw new ConflictError(
    `ledger: others moved ${model} ${maxAttempts} times in a row; publish again when they are done`,
    { code: "dependency.conflict", details: { model, digest: plan.digest } },
  );
}

async function isAliasMoved(ledger: Ledger, { model, revision }: LedgerEntry): Promise<boolean> {
  const history = await readHistory(ledger, model);
  return history.some(({ change, ...entry }) => entry.revision >= revision && change.alias !== undefined);
}

/** The entry to append, or nothing when the ledger already says it. */
function decide(
  { package: { name: model }, digest, sourceDigest }: PublishPlan,
  options: Omit<EntryOptions, "ledger">,
  history: readonly LedgerEntry[],
): LedgerEntry | undefined {
  const newest = history[0];
  const aliases = newest?.aliases ?? {};
  const isKnown = history.some(({ change }) => change.kind === "publish" && change.digest === digest);
  const alias = options.alias ?? (newest === undefined ? "champion" : undefined);
  const target = alias && targetOf(alias, digest, options);
  if (target !== undefined) assertTarget(model, aliases, target);
  const moving = target !== undefined && !isStanding(aliases, target) ? target : undefined;
  if (isKnown && moving === undefined) return undefined;
  const { by, why, now } = options;
  return followUp(
    newest,
    { model, by, why, nowMs: now() },
    {
      change:
        isKnown && moving !== undefined
          ? { kind: "alias", action: actionOf[moving.alias], alias: moving.alias, digest }
          : { kind: "publish", digest, sourceDigest, ...(moving && { alias: moving.alias }) },
      aliases: moving === undefined ? aliases : withAlias(aliases, moving),
    },
  );
}

const actionOf = { champion: "promote", challenger: "share", shadow: "shadow" } as const;

function targetOf(
  alias: Role,
  digest: ModelDigest,
  { share = 0, sample = 1 }: Pick<EntryOptions, "share" | "sample">,
): AliasTarget {
  switch (alias) {
    case "champion":
      return { alias, digest };
    case "challenger":
      return { alias, digest, share };
    case "shadow":
      return { alias, digest, sample };
  }
}
