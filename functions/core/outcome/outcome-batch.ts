import { secondsOf } from "../../contract/duration.ts";
import type { EarlyOutcome, Example, LabelValue } from "../../contract/example.ts";
import type { ModelDigest } from "../../contract/ids.ts";
import type { ModelPackage } from "../../contract/model-package.ts";
import type { Logger } from "../observe/logger.ts";
import type { Metrics } from "../observe/metrics.ts";
import { savePairs } from "../rollout/verdict/pair-store.ts";
import type { Mark } from "../state/mark.ts";
import type { ShardStateStore } from "../state/shard-state-store.ts";
import { saveAccuracy } from "./accuracy-store.ts";
import { type EventScores, pairsOf, scoreEvents } from "./event-scores.ts";
import { isSampled } from "./example-sample.ts";
import { type JoinedPrediction, joinFacts } from "./join-facts.ts";
import { fateMetrics, type OutcomeFate } from "./outcome-fate.ts";
import type { OutcomeFact, OutcomeProgram } from "./outcome-program.ts";
import type { OutcomeStore } from "./outcome-store.ts";
import type { RowDecoders } from "./row-decoders.ts";
import { compileScorer, lossesOf } from "./score-outcome.ts";

export interface OutcomeBatchOptions {
  /** One that declares an outcome. */
  readonly package: ModelPackage;
  readonly program: OutcomeProgram;
  /** The shard whose events are being read. */
  readonly shard: string;
  readonly outcomes: OutcomeStore;
  readonly sketches: ShardStateStore;
  readonly decoders: RowDecoders;
  readonly logger: Logger;
}

/**
 * The outcomes of one invocation, from facts to accuracy and examples.
 *
 * Where a method takes `before`, only facts with a lower mark are looked at; undefined stands for all. What a
 * redelivered event wrote before is known by its mark, and counts as done by it.
 */
export interface OutcomeBatch {
  /** Take a fact, in stream order. */
  add(fact: OutcomeFact, mark: Mark, arrivalMs: number): void;
  /**
   * Find the predictions of the facts and write the outcomes to them; facts that are settled are not touched again.
   *
   * @returns the lowest mark that is not done, if any; single failures are not thrown.
   */
  join(before: Mark | undefined): Promise<Mark | undefined>;
  /**
   * Count what was joined into this shard's accuracy.
   *
   * @param expiresAt - when it may be forgotten, epoch seconds.
   * @returns the lowest mark that is not done, if any.
   * @throws {DependencyError} when the accuracy so far cannot be read.
   */
  saveAccuracy(before: Mark | undefined, expiresAt: number): Promise<Mark | undefined>;
  /**
   * Count what was joined and two versions had scored into this shard's pairs.
   *
   * @param expiresAt - when they may be forgotten, epoch seconds.
   * @returns the lowest mark that is not done, if any.
   * @throws {DependencyError} when the pairs so far cannot be read.
   */
  savePairs(before: Mark | undefined, expiresAt: number): Promise<Mark | undefined>;
  /**
   * The answers that were joined, as training reads them: the package's share of them.
   *
   * @throws {DependencyError} when the layout of an older version's rows cannot be read.
   */
  exampleLines(before: Mark | undefined): Promise<readonly Example[]>;
  /** Outcomes whose prediction was not there. */
  earlyLines(before: Mark | undefined): readonly EarlyOutcome[];
  /** Count how the facts fared, and what joined ones add to the champion's rolling figures, whoever answered. */
  count(before: Mark | undefined, metrics: Metrics): void;
}

/** A fact on its way. */
interface Entry {
  readonly fact: OutcomeFact;
  readonly mark: Mark;
  readonly timeMs: number;
  /** Undefined where it was not tried yet, or failed. */
  fate: OutcomeFate | undefined;
  joined: readonly Joined[];
  scores: readonly EventScores[];
}

/** A prediction and what came true. */
interface Joined extends JoinedPrediction {
  readonly label: LabelValue;
  /** ISO 8601. */
  readonly outcomeTime: string;
}

export function createOutcomeBatch(options: OutcomeBatchOptions): OutcomeBatch {
  const { program, shard, logger } = options;
  const { name: model, outcome, examples } = options.package;
  const withinMs = secondsOf(outcome!.within) * 1000;
  const scorer = compileScorer(options.package);
  const entries: Entry[] = [];

  return {
    add(fact, mark, arrivalMs) {
      const timeMs = fact.timeMs ?? arrivalMs;
      entries.push({ fact, mark, timeMs, fate: undefined, joined: [], scores: [] });
    },
    join,
    saveAccuracy: (before, expiresAt) =>
      saveAccuracy({
        ...{ store: options.sketches, model, shard, expiresAt },
        outcomes: entriesBefore(before).flatMap(({ mark, scores }) =>
          scores
            .flatMap(({ versions }) => versions)
            .flatMap(({ scored, ...key }) => (scored === undefined ? [] : [{ ...key, mark, scored }])),
        ),
      }),
    savePairs: (before, expiresAt) =>
      savePairs({
        ...{ store: options.sketches, model, shard, expiresAt },
        pairs: entriesBefore(before).flatMap(({ mark, timeMs, scores }) =>
          scores.flatMap((each) => pairsOf(each, timeMs)).map((pair) => ({ ...pair, mark })),
        ),
      }),
    exampleLines,
    earlyLines,
    count,
  };

  async function join(before: Mark | undefined): Promise<Mark | undefined> {
    const open = entriesBefore(before).filter(({ fate }) => fate === undefined);
    if (open.length === 0) return undefined;
    const facts = open.map(({ fact: { eventId, label }, mark, timeMs }) => ({
      ...{ eventId, timeMs, by: `${shard}/${mark}` },
      label: JSON.stringify(program.labelValue(label)),
    }));
    const settled = await joinFacts(facts, { store: options.outcomes, model, withinMs });
    open.forEach((entry, i) => {
      const { fate, joined = [] } = settled[i] ?? {};
      entry.fate = fate;
      entry.joined = joined.map((each) => joinedOf(entry, each));
      entry.scores = scoreEvents(joined, (outputs) => scorer(outputs, entry.fact.label));
    });
    return open.find(({ fate }) => fate === undefined)?.mark;
  }

  function joinedOf({ fact, timeMs }: Entry, each: JoinedPrediction): Joined {
    return {
      ...each,
      label: program.labelValue(fact.label),
      outcomeTime: new Date(timeMs).toISOString(),
    };
  }

  async function exampleLines(before: Mark | undefined): Promise<readonly Example[]> {
    const wanted = entriesBefore(before)
      .flatMap(({ joined }) => joined)
      // A shadow's prediction keeps no features, and its event has an answer that does.
      .filter(({ stored }) => stored.role !== "shadow" && isSampled(stored.predictionId, examples.sample));
    const lines: Example[] = [];
    for (const { stored, prediction, outcomeTime, label } of wanted) {
      const decoder = await options.decoders.of(prediction.digest as ModelDigest);
      const features = decoder?.decode(stored.features);
      if (features !== undefined) lines.push({ ...prediction, outcomeTime, features, label });
    }
    if (lines.length < wanted.length) {
      logger.warn("joined predictions whose stored features cannot be read make no examples", {
        count: wanted.length - lines.length,
      });
    }
    return lines;
  }

  function earlyLines(before: Mark | undefined): readonly EarlyOutcome[] {
    return entriesBefore(before)
      .filter(({ fate }) => fate === "early")
      .map(({ fact: { eventId, label }, timeMs }) => ({
        ...{ model, eventId, outcomeTime: new Date(timeMs).toISOString() },
        label: program.labelValue(label),
      }));
  }

  function count(before: Mark | undefined, metrics: Metrics): void {
    for (const { fate } of entriesBefore(before))
      if (fate !== undefined) metrics.add(fateMetrics[fate], 1, "Count");
    const versions = entriesBefore(before)
      .flatMap(({ scores }) => scores)
      .flatMap((each) => each.versions);
    for (const { role, scored } of versions) {
      if (scored === undefined) continue;
      // The champion's are the model's; of the others each has its own.
      const dimensions: Record<string, string> = role === "champion" ? {} : { Role: role };
      for (const [name, value] of Object.entries(lossesOf(scored)))
        metrics.add(name, value, "None", dimensions);
    }
    const unscored = versions.filter(({ scored }) => scored === undefined).length;
    if (unscored > 0)
      logger.warn(
        "joined predictions without the output that outcomes are compared with are not in the accuracy",
        { count: unscored },
      );
  }

  function entriesBefore(before: Mark | undefined): readonly Entry[] {
    return before === undefined ? entries : entries.filter(({ mark }) => mark < before);
  }
}
