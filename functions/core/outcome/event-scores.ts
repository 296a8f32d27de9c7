import type { Prediction } from "../../contract/prediction.ts";
import type { Rival } from "../../contract/rival.ts";
import { pairLossesOf } from "../rollout/verdict/pair-losses.ts";
import type { CountedPair, PairSegment } from "../rollout/verdict/pair-store.ts";
import type { ScoredOutcome } from "./accuracy/accuracy-partial.ts";
import { hourOf } from "./accuracy-store.ts";
import type { JoinedPrediction } from "./join-facts.ts";

/** What all versions said of one event, against what came true. */
export interface EventScores {
  /** The one that answered, the one that was asked beside it, a shadow: as far as there were such. */
  readonly versions: readonly VersionScore[];
  readonly segments: Rival["segments"];
}

export interface VersionScore {
  readonly role: string;
  readonly digest: string;
  /** Of the predicted event: `yyyy-mm-ddThh`, UTC. */
  readonly hour: string;
  /** Undefined where it has not the output that outcomes are compared with. */
  readonly scored: ScoredOutcome | undefined;
}

/**
 * Score the predictions that are joined with one outcome, event by event: an id that was used again names several.
 *
 * @param joined - answers with what was said beside them, shadows' predictions, and any others, which stand alone.
 */
export function scoreEvents(
  joined: readonly JoinedPrediction[],
  score: (outputs: Prediction["outputs"]) => ScoredOutcome | undefined,
): readonly EventScores[] {
  // A replay's predictions are of the same events, but were made when much more was known: nothing compares with them.
  const groups = Map.groupBy(
    joined,
    ({ stored, prediction }) => `${stored.role === "backfill"}#${prediction.eventTime}`,
  );
  return [...groups.values()].map((predictions) => {
    const hour = hourOf(predictions[0]!.prediction.eventTime);
    const rivals = predictions.flatMap(({ stored: { role, rival } }) =>
      rival === undefined ? [] : [{ ...(JSON.parse(rival) as Rival), besideShadow: role === "shadow" }],
    );
    const said = [
      ...predictions.map(({ prediction }) => prediction),
      // What was said beside a shadow is the answer, which is there by itself.
      ...rivals.filter(({ besideShadow }) => !besideShadow),
    ];
    return {
      versions: said.map(({ role, digest, outputs }) => ({ role, digest, hour, scored: score(outputs) })),
      segments: rivals.find(({ segments }) => segments !== undefined)?.segments,
    };
  });
}

/**
 * Compare every other version with the champion, over all and for each segment the event is in.
 *
 * @param outcomeMs - when the outcome came true, epoch milliseconds.
 */
export function pairsOf(
  { versions, segments = {} }: EventScores,
  outcomeMs: number,
): readonly Omit<CountedPair, "mark">[] {
  const champion = versions.find(({ role }) => role === "champion");
  if (champion === undefined) return [];
  const hour = hourOf(new Date(outcomeMs).toISOString());
  const parts: readonly (PairSegment | undefined)[] = [
    undefined,
    ...Object.entries(segments).map(([name, value]) => ({ name, value })),
  ];
  return versions.flatMap(({ role, digest, scored }) => {
    const losses = comparedRoles.has(role) ? pairLossesOf(champion.scored, scored) : undefined;
    if (losses === undefined) return [];
    const key = { hour, champion: champion.digest, other: digest, role };
    return parts.map((segment) => ({ ...key, segment, losses }));
  });
}

const comparedRoles: ReadonlySet<string> = new Set(["challenger", "shadow"]);
