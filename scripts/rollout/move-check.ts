import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { LedgerEntry } from "../../functions/contract/ledger.ts";
import type { ModelPackage } from "../../functions/contract/model-package.ts";
import { ConfigError, ModelArtifactError } from "../../functions/core/errors.ts";
import { loadModel } from "../../functions/core/inference/loaded-model.ts";
import type { InferenceEngine } from "../../functions/core/inference/model-session.ts";
import type { PackageDeclarations } from "../../functions/core/inference/package-declarations.ts";
import type { PackageStore } from "../../functions/core/inference/package-store.ts";
import type { ConcealerKeys } from "../../functions/core/private/concealer-keys.ts";
import { incompatibilities } from "../../functions/core/rollout/compatible.ts";
import { shortDigest } from "../../functions/core/rollout/entry-words.ts";
import type { MoveRemark, PlannedMove } from "../../functions/core/rollout/move-alias.ts";
import type { ShardStateStore } from "../../functions/core/state/shard-state-store.ts";
import { noteCold } from "../backfill/warm-spans.ts";
import { backfillOf } from "../publish/new-views.ts";
import { type ColdViews, coldViews } from "./cold-views.ts";

export interface MoveCheckOptions {
  readonly packages: PackageStore;
  readonly declarations: PackageDeclarations;
  /** The runtime that is to serve. */
  readonly engine: InferenceEngine;
  /** Needed by packages that declare private paths. */
  readonly concealerKeys?: ConcealerKeys;
  readonly tiles: ShardStateStore;
  /** Whether a version may be made live although its views lack tiles. */
  readonly isColdAllowed: boolean;
  /** The command that fills what lacks from an instant on, ISO 8601. */
  readonly backfillCommand: (
    version: { readonly model: string; readonly digest: ModelDigest },
    from: string,
  ) => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Refuses a move by throwing, or says what there is to say of it. */
export type MoveCheck = (planned: PlannedMove) => Promise<MoveRemark | undefined>;

/**
 * Check a move before it is made: that the version, as it is stored, can be loaded and gives its samples' answers; that it
 * can stand beside the champion; and that its views are warm.
 *
 * A rollback is not held up by views that are cold, nor by rivals that do not fit: it is there for when things go wrong.
 *
 * @throws {ModelArtifactError} when the version cannot serve.
 * @throws {ConfigError} `config.model` when it does not fit beside another, or its views are cold.
 */
export function createMoveCheck(options: MoveCheckOptions): MoveCheck {
  return async ({ entry, history }) => {
    const { model, change, aliases } = entry;
    if (change.digest === undefined || change.alias === undefined) return undefined;
    const version = await loadVersion(model, change.digest, options);
    const isRollback = change.kind === "alias" && change.action === "rollback";
    const read = (digest: ModelDigest) =>
      digest === change.digest ? Promise.resolve(version) : options.declarations.read(model, digest);
    if (!isRollback) await assertCompatible(entry, read);
    const cold = await readCold({ entry, history }, version, options);
    if (cold === undefined) return undefined;
    const { views, from } = backfillOf(cold.views, cold.newestMs);
    const command = options.backfillCommand({ model, digest: change.digest }, from);
    const lacking = `views of ${shortDigest(change.digest)} without tiles of the time since ${from}: ${views.join(", ")}`;
    if (!isRollback && !options.isColdAllowed) {
      throw new ConfigError(
        `model "${model}": got ${lacking}; fill them and move then, or move with --cold and wait until their windows have filled\n  ${command}`,
        { code: "config.model", details: { model, views, from, command } },
      );
    }
    await noteAllCold(model, cold, options);
    return {
      remark: `cold: ${views.join(", ")}`,
      advice: [`${lacking}; to fill them:`, `  ${command}`],
    };

    async function readCold(
      planned: PlannedMove,
      pkg: ModelPackage,
      { tiles, now }: MoveCheckOptions,
    ): Promise<ColdViews | undefined> {
      const before = planned.history[0]?.aliases ?? {};
      // Without a champion nothing better could be served meanwhile.
      if (before.champion === undefined) return undefined;
      const others = [before.challenger?.digest, before.shadow?.digest].filter((each) => each !== undefined);
      return await coldViews({
        ...{ model, tiles, version: pkg, nowMs: now() },
        champion: await read(before.champion.digest),
        rivals: await Promise.all(others.map(read)),
      });
    }

    async function assertCompatible(
      planned: LedgerEntry,
      readPackage: (digest: ModelDigest) => Promise<ModelPackage>,
    ): Promise<void> {
      if (aliases.champion === undefined) return;
      const champion = await readPackage(aliases.champion.digest);
      for (const alias of ["challenger", "shadow"] as const) {
        const rival = planned.aliases[alias];
        if (rival === undefined || (change.alias !== "champion" && rival.digest !== change.digest)) continue;
        const problems = incompatibilities(await readPackage(rival.digest), champion);
        if (problems.length === 0) continue;
        const fix =
          change.alias === "champion"
            ? `stop the ${alias} first`
            : "promote it instead, or publish a version that has the champion's";
        throw new ConfigError(
          `model "${model}": got ${shortDigest(rival.digest)} as ${alias} beside the champion ${shortDigest(aliases.champion.digest)}, which it cannot be compared with; ${fix}\n${problems.map((each) => `  ${each}`).join("\n")}`,
          { code: "config.model", details: { model, alias, problems } },
        );
      }
    }
  };
}

async function noteAllCold(
  model: string,
  { views, newestMs }: ColdViews,
  { tiles, now }: MoveCheckOptions,
): Promise<void> {
  for (const { digest } of views) await noteCold({ tiles, model, digest, nowMs: now() }, newestMs);
}

/** Load a version as the functions do, and let it go. */
async function loadVersion(
  model: string,
  digest: ModelDigest,
  { packages, engine, concealerKeys }: MoveCheckOptions,
): Promise<ModelPackage> {
  try {
    const loaded = await loadModel(digest, await packages.read(model, digest), {
      engine,
      nowMs: () => performance.now(),
      ...(concealerKeys && { concealerKeys }),
    });
    await loaded.session.release();
    return loaded.package;
  } catch (error) {
    if (!(error instanceof ModelArtifactError)) throw error;
    throw new ModelArtifactError(
      `model "${model}": ${shortDigest(digest)} cannot serve, and nothing was moved: ${error.message}`,
      { code: error.code, details: { ...error.details, model, digest }, cause: error },
    );
  }
}
