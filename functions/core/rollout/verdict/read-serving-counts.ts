import type { ModelDigest } from "../../../contract/ids.ts";
import { readSketches, type StoredSketch } from "../../monitor/sketch-store.ts";
import type { ShardStateStore } from "../../state/shard-state-store.ts";
import type { ServingCounts } from "./guard-rails.ts";

/** How long guard rails look back, in event time: long enough for a mean, short enough to be of now. */
const lookBackMs = 86_400_000;

/**
 * Read how the champion and another version fared with the same events, in the newest day of event time.
 *
 * @param newestMs - the newest event time, epoch milliseconds.
 * @returns undefined where the two have no whole hour in common.
 * @throws {DependencyError} when the store cannot be read.
 */
export async function readServingCounts(
  store: ShardStateStore,
  versions: {
    readonly model: string;
    readonly champion: ModelDigest;
    readonly other: ModelDigest;
    readonly role: "challenger" | "shadow";
  },
  newestMs: number,
): Promise<{ readonly champion: ServingCounts; readonly other: ServingCounts } | undefined> {
  if (!Number.isFinite(newestMs)) return undefined;
  const { model, champion, other, role } = versions;
  const stored = await readSketches(store, model, { fromMs: newestMs - lookBackMs, toMs: newestMs });
  const ofChampion = stored.filter((each) => each.role === "champion" && each.digest === champion);
  const ofOther = stored.filter((each) => each.role === role && each.digest === other);
  const hours = wholeHours(ofChampion, ofOther);
  const inHours = ({ hour }: StoredSketch) => hours.has(hour);
  const [own, theirs] = [sumOf(ofChampion.filter(inHours)), sumOf(ofOther.filter(inHours))];
  if (own.rows === 0) return undefined;
  return {
    champion: { asked: own.rows, ...own },
    // A challenger is asked whatever the champion takes; of a shadow, which is asked a sample, nobody notes how often.
    other: { asked: role === "challenger" ? Math.max(own.rows, theirs.rows) : theirs.rows, ...theirs },
  };
}

/**
 * The newest hours in a row that both have, but for two: in the first of them the other did not see all that the champion
 * did, and in the newest the one may be written before the other.
 */
function wholeHours(champion: readonly StoredSketch[], other: readonly StoredSketch[]): ReadonlySet<string> {
  const ofOther = new Set(other.map(({ hour }) => hour));
  const hours = champion.map(({ hour }) => hour);
  const before = hours.findLastIndex((hour) => !ofOther.has(hour));
  return new Set(hours.slice(before + 1).slice(1, -1));
}

function sumOf(stored: readonly StoredSketch[]): Pick<ServingCounts, "rows" | "failed" | "runMs"> {
  const total = { rows: 0, failed: 0, runMs: 0 };
  for (const { sketch } of stored) {
    total.rows += sketch.rows;
    total.failed += sketch.failed;
    total.runMs += sketch.runMs;
  }
  return total;
}
