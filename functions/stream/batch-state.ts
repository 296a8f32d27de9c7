import { DependencyError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import type { RowBuffers } from "../core/features/row-buffers.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { Metrics } from "../core/observe/metrics.ts";
import type { ExampleStore } from "../core/outcome/example-store.ts";
import type { OutcomeBatch } from "../core/outcome/outcome-batch.ts";
import type { OutcomeFact } from "../core/outcome/outcome-program.ts";
import type { ClockSnapshot } from "../core/state/event-clock.ts";
import type { Mark } from "../core/state/mark.ts";
import type { ShardClock } from "../core/state/shard-clock.ts";
import type { ShardStateStore } from "../core/state/shard-state-store.ts";
import type { ViewBatch } from "../core/views/view-batch.ts";
import type { Feed, Feeds, LookupKeys } from "../core/views/view-program.ts";
import type { ShardClocks } from "../core/views/view-state.ts";
import type { DeliveredBatch } from "./delivered-batch.ts";
import { createWindowSteps } from "./window-steps.ts";

/** What an event has to do with the model's state. */
export interface EventFacts {
  readonly feeds: readonly Feed[];
  /** Keys that its features look up; none where it asks for nothing. */
  readonly lookups: readonly string[];
  readonly outcome: OutcomeFact | undefined;
}

/** Where an event stands that is let in. */
export interface Admission {
  readonly mark: Mark;
  /** Its row, where it asks for a prediction. */
  readonly row: number | undefined;
  /** Epoch milliseconds; undefined where the package names no time, or where it asks for nothing. */
  readonly timeMs: number | undefined;
  readonly arrivalMs: number;
}

/** How a batch found its shard: what other versions open their views with. */
export interface ShardOpening {
  readonly shard: string;
  readonly clocks: ShardClocks;
  /** The mark up to which everything is done; undefined where nothing is. */
  readonly progress: Mark | undefined;
  /** Epoch seconds until which something is needed that is asked for so long after the newest event. */
  expiryOf(neededMs: number): number;
}

/** What one batch reads of the model's state, and adds to it. */
export interface BatchState {
  readonly opening: ShardOpening;
  /** Whether an earlier delivery has done everything with the event of this mark. */
  isDone(mark: Mark): boolean;
  /** What the event that was read last has to do with state; undefined for nothing, with every reason where it is at fault. */
  read(asks: boolean, arrivalMs: number): EventFacts | { readonly problems: readonly Problem[] } | undefined;
  /** The shard's newest event time so far, epoch milliseconds; -Infinity where none had a time. */
  readonly newestMs: number;
  /** Let an event in, in stream order, and the shard's clock with it. @returns why not, where it is too far ahead. */
  admit(facts: EventFacts, admission: Admission): Problem | undefined;
  /**
   * Read the windows of the events admitted since the last call into their rows, each as of the events before it, and
   * apply what they feed.
   *
   * @returns rows whose windows give no value that the model can take.
   * @throws {DependencyError} when state cannot be read; nothing was applied then.
   */
  fill(buffers: RowBuffers): Promise<ReadonlyMap<number, Problem>>;
  /**
   * Write what the events leave behind: outcomes, then tiles, accuracy and pairs, then examples.
   *
   * @param before - only events with a lower mark; undefined for all.
   * @returns the lowest mark of an event that is not wholly done, if any.
   */
  settle(before: Mark | undefined): Promise<Mark | undefined>;
  /**
   * Write that the events up to the mark `last` are done, and count what became of them.
   *
   * @param before - the mark of the event behind it; undefined where it is the batch's last.
   * @throws {DependencyError} when it cannot be written.
   */
  saveProgress(last: Mark, before: Mark | undefined): Promise<void>;
}

export interface BatchStateParts {
  readonly model: LoadedModel;
  readonly clock: ShardClock;
  /** The newest event time of each shard that may still write. */
  readonly clocks: ShardClocks;
  readonly views: ViewBatch;
  readonly outcomes: OutcomeBatch | undefined;
  /** Where clock and tiles are kept. */
  readonly tiles: ShardStateStore;
  readonly examples: ExampleStore;
  readonly range: DeliveredBatch["range"];
  readonly metrics: Metrics;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Told the mark up to which everything is done. */
  readonly onProgress: (mark: Mark) => void;
}

export function createBatchState(parts: BatchStateParts): BatchState {
  const { clock, views, outcomes, metrics } = parts;
  const { program } = parts.model;
  const windows = createWindowSteps(program, views);
  /** Where the clock stood after each event let in, in stream order: what is saved is that of the last one done. */
  const snapshots: { readonly mark: Mark; readonly clock: ClockSnapshot }[] = [];
  const startedAt = clock.snapshot();

  return {
    opening: { shard: parts.range.shard, clocks: parts.clocks, progress: clock.progress, expiryOf },
    get newestMs() {
      return clock.newestMs ?? -Infinity;
    },
    isDone: (mark) => clock.progress !== undefined && mark <= clock.progress,
    read,
    admit,
    fill: windows.fill,
    settle,
    saveProgress,
  };

  function read(asks: boolean, arrivalMs: number) {
    const { fields } = program.reader;
    const feeds = program.views.feedsOf(fields, arrivalMs);
    const lookups = asks ? program.views.lookupsOf(fields) : noLookups;
    const outcome = program.outcome?.isOutcome(fields) ? program.outcome.read(fields) : undefined;
    const problems = [feeds, lookups, outcome].flatMap((each) => (Array.isArray(each) ? each : []));
    if (problems.length > 0) return { problems };
    const facts = {
      feeds: (feeds as Feeds).feeds,
      lookups: (lookups as LookupKeys).keys,
      outcome: outcome as OutcomeFact | undefined,
    };
    return asks || facts.feeds.length > 0 || facts.outcome !== undefined ? facts : undefined;
  }

  function admit(facts: EventFacts, admission: Admission): Problem | undefined {
    const { mark, row, timeMs, arrivalMs } = admission;
    const newestMs = clock.newestMs ?? -Infinity;
    const askedMs = timeMs ?? arrivalMs;
    const newestOfEvent = Math.max(
      row === undefined ? -Infinity : askedMs,
      facts.outcome === undefined ? -Infinity : (facts.outcome.timeMs ?? arrivalMs),
      ...facts.feeds.map((feed) => feed.timeMs),
    );
    const isAdmitted = clock.admit(newestOfEvent, arrivalMs);
    snapshots.push({ mark, clock: clock.snapshot() });
    if (!isAdmitted) return clock.explainAhead(newestOfEvent, arrivalMs);
    windows.add({ feeds: facts.feeds, lookups: facts.lookups, mark, row, askedMs, newestMs });
    if (facts.outcome !== undefined) outcomes?.add(facts.outcome, mark, arrivalMs);
    return undefined;
  }

  async function settle(before: Mark | undefined): Promise<Mark | undefined> {
    let cut = lower(before, await outcomes?.join(before));
    const expiresAt = expiryOf(program.views.maxWindowMs);
    const saved = await Promise.all([
      views.save(cut, expiresAt),
      outcomes?.saveAccuracy(cut, expiryOf(accuracyKeptMs)),
      outcomes?.savePairs(cut, expiryOf(accuracyKeptMs)),
    ]);
    cut = saved.reduce(lower, cut);
    if (outcomes !== undefined) {
      await parts.examples.write({
        ...{ model: parts.model.package.name, ...parts.range },
        examples: await outcomes.exampleLines(cut),
        early: outcomes.earlyLines(cut),
      });
    }
    return cut === before ? undefined : cut;
  }

  async function saveProgress(last: Mark, before: Mark | undefined): Promise<void> {
    const snapshot = snapshots.findLast(({ mark }) => mark <= last)?.clock ?? startedAt;
    if (!(await clock.save(parts.tiles, last, snapshot, expiryOf(clockKeptMs)))) {
      throw new DependencyError("clock: could not be written; the batch is delivered again and found done", {
        code: "dependency.unavailable",
      });
    }
    parts.onProgress(last);
    metrics.add(
      "LateEvents",
      windows.late.filter((mark) => before === undefined || mark < before).length,
      "Count",
    );
    outcomes?.count(before, metrics);
  }

  /** Epoch seconds until which something is needed, from the newest event or from now, whichever is later. */
  function expiryOf(neededMs: number): number {
    const fromMs = Math.max(parts.now(), clock.newestMs ?? 0);
    return Math.ceil((fromMs + neededMs) / 1000) + graceSeconds;
  }
}

const dayMs = 86_400_000;
/** A shard that is quiet for a year starts its clock anew. */
const clockKeptMs = 365 * dayMs;
const accuracyKeptMs = 400 * dayMs;
/** Time to live is garbage collection: nothing is gained by cutting it fine. */
const graceSeconds = 2 * 86_400;

const noLookups: LookupKeys = { keys: [] };

/** The lower of two marks, of which undefined is the highest. */
function lower(a: Mark | undefined, b: Mark | undefined): Mark | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
