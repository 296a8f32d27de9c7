import { secondsOf } from "../../../contract/duration.ts";
import type { ModelDigest } from "../../../contract/ids.ts";
import type { Aliases } from "../../../contract/ledger.ts";
import type { ModelPackage } from "../../../contract/model-package.ts";
import { labelKind } from "../../../contract/outcome.ts";
import { accuracyOf, totalAccuracy } from "../../outcome/accuracy/accuracy-partial.ts";
import { readAccuracy } from "../../outcome/accuracy-store.ts";
import { type Clocks, readClocks } from "../../state/shard-clock.ts";
import type { ShardStateStore } from "../../state/shard-state-store.ts";
import { writingShards } from "../../state/writing-shards.ts";
import { readPairs, type StoredPairs } from "./pair-store.ts";
import { readServingCounts } from "./read-serving-counts.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What is found of one version beside the champion. */
export interface ModelVerdict {
  readonly role: "challenger" | "shadow";
  readonly champion: ModelDigest;
  readonly other: ModelDigest;
  /** What the verdict is on. */
  readonly loss: "Brier score" | "squared error";
  readonly verdict: Verdict;
}

export interface VerdictOptions {
  readonly model: string;
  /** Who is live. */
  readonly aliases: Aliases;
  /** The champion's. */
  readonly package: ModelPackage;
  /** Pairs, accuracy and sketches. */
  readonly sketches: ShardStateStore;
  /** Where the shards' clocks are. */
  readonly tiles: ShardStateStore;
}

const firstMs = Date.parse("0000-01-01T00:00:00Z");
const lastMs = Date.parse("9999-12-31T23:00:00Z");
const dayMs = 86_400_000;
/** Outcomes that come later than this after their events count, but are left out of the area under the curve. */
const maxShownMs = 30 * dayMs;

/**
 * Compare the challenger and the shadow of a model with its champion, by all outcomes that both have had.
 *
 * @returns none where neither is live, or where the package declares no outcome.
 * @throws {DependencyError} when a store cannot be read.
 */
export async function readVerdict(options: VerdictOptions): Promise<readonly ModelVerdict[]> {
  const { model, aliases, package: pkg, sketches, tiles } = options;
  const { outcome, segments, rollout: rules } = pkg;
  const champion = aliases.champion?.digest;
  const rivals = (["challenger", "shadow"] as const).flatMap((role) => {
    const other = aliases[role]?.digest;
    return other === undefined ? [] : [{ role, other }];
  });
  if (champion === undefined || outcome === undefined || rivals.length === 0) return [];
  const [pairs, clocks] = await Promise.all([
    readPairs(sketches, model, { fromMs: firstMs, toMs: lastMs }),
    readClocks(tiles, model),
  ]);
  const kind = labelKind(outcome.label);
  const lateMs = Math.min(secondsOf(outcome.within) * 1000, maxShownMs);
  return Promise.all(
    rivals.map(async ({ role, other }): Promise<ModelVerdict> => {
      const own = pairs.filter(
        (each) => each.champion === champion && each.other === other && each.role === role,
      );
      const versions = { model, champion, other, role };
      const verdict = verdictOf({
        ...{ pairs: own, segments, rules },
        closedMs: closedUntil(clocks),
        guard: await readServingCounts(sketches, versions, newestOf(clocks)),
        hasLogLoss: kind !== "number",
        auc: kind === "number" ? undefined : await readAreas(sketches, versions, spanOf(own, lateMs)),
      });
      return { role, champion, other, loss: kind === "number" ? "squared error" : "Brier score", verdict };
    }),
  );
}

/** A shard whose clock is so far behind the newest has no events, and holds nobody up. */
const quietMs = dayMs;

/** Up to when the outcomes of all shards are there: the least of their clocks. @returns -Infinity where none has one */
export function closedUntil(clocks: Clocks): number {
  const newestMs = newestOf(clocks);
  const times = [...writingShards(clocks).values()].filter((timeMs) => timeMs >= newestMs - quietMs);
  return times.length === 0 ? -Infinity : Math.min(...times);
}

function newestOf(clocks: Clocks): number {
  return Math.max(-Infinity, ...writingShards(clocks).values());
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** When the events of some pairs happened, at the earliest and the latest. @param pairs - ascending by hour */
function spanOf(pairs: readonly StoredPairs[], lateMs: number): Span | undefined {
  const [first, last] = [pairs[0], pairs.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { fromMs: Date.parse(`${first.hour}:00:00Z`) - lateMs, toMs: Date.parse(`${last.hour}:59:59Z`) };
}

/** Areas under the curve of both versions over the hours for which the other has one. */
async function readAreas(
  store: ShardStateStore,
  {
    model,
    champion,
    other,
    role,
  }: Pick<ModelVerdict, "champion" | "other" | "role"> & { readonly model: string },
  span: Span | undefined,
) {
  if (span === undefined) return undefined;
  const stored = await readAccuracy(store, model, span);
  const ofOther = stored.filter((each) => each.role === role && each.digest === other);
  const hours = new Set(ofOther.map(({ hour }) => hour));
  const ofChampion = stored.filter(
    (each) => each.role === "champion" && each.digest === champion && hours.has(each.hour),
  );
  return { champion: areaOf(ofChampion), other: areaOf(ofOther) };
}

function areaOf(stored: Awaited<ReturnType<typeof readAccuracy>>): number | undefined {
  const total = totalAccuracy(stored.map(({ partial }) => partial));
  const figures = total && accuracyOf(total);
  return figures === undefined || figures.kind === "number" ? undefined : figures.auc;
}
