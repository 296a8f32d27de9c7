import { createOrtEngine } from "../../functions/adapters/onnx/ort-engine.ts";
import { secondsOf } from "../../functions/contract/duration.ts";
import type { ModelDigest } from "../../functions/contract/ids.ts";
import type { LedgerEntry } from "../../functions/contract/ledger.ts";
import { defaultTraining } from "../../functions/contract/training.ts";
import { type LoadedModel, loadModel } from "../../functions/core/inference/loaded-model.ts";
import { packageDigest } from "../../functions/core/inference/package-digest.ts";
import type { PackageFiles } from "../../functions/core/inference/package-store.ts";
import type { LearningRun } from "../../functions/core/train/loop/learning-record.ts";
import type { SearchPool } from "../../functions/core/train/trees/search-plan.ts";
import { type RetrainDeps, retrain } from "../../functions/retrain/retrain.ts";
import { placeEvents, type UnplacedEvent } from "../backfill/place-events.ts";
import { longestFlightMs } from "../flights/interleaved-events.ts";
import { createEventQueue } from "./event-queue.ts";
import { type MeasuredPeriod, measurePeriod, type Period } from "./measure-period.ts";
import { publishFirst } from "./publish-first.ts";
import { type Execution, runExecution } from "./run-execution.ts";
import { type Serving, serveUntil } from "./serve-until.ts";
import { createStoryClock } from "./story-clock.ts";
import { createStoryStage, type StoryStage } from "./story-stage.ts";

export interface StoryOptions {
  /** What serves until the first training: its features and outcome are those of every version. */
  readonly first: PackageFiles;
  /** In the order of their arrival. */
  readonly events: AsyncIterable<UnplacedEvent>;
  /** When the first event is due, the first training, and the end, epoch milliseconds. */
  readonly fromMs: number;
  readonly trainMs: number;
  readonly toMs: number;
  /** Between trainings. */
  readonly everyMs: number;
  readonly pool?: SearchPool | undefined;
  readonly onProgress?: ((nowMs: number) => void) | undefined;
  /** Told what is done beside serving. */
  readonly onStep?: ((nowMs: number, doing: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Story {
  readonly fromMs: number;
  /** Since when the first trained version serves: what is compared is from here on. */
  readonly comparedMs: number;
  readonly toMs: number;
  readonly executions: readonly Execution[];
  readonly periods: readonly MeasuredPeriod[];
  /** Oldest first. */
  readonly ledger: readonly LedgerEntry[];
  readonly events: number;
  readonly predictions: number;
  readonly outcomes: number;
  readonly seconds: number;
}

/**
 * Replay flights through a stage in memory while the loop retrains: the champion of the first training, frozen, against
 * what serves.
 *
 * @throws {Error} where the first training makes no champion: there is nothing to compare.
 */
export async function tellStory(options: StoryOptions): Promise<Story> {
  const { first, fromMs, trainMs, toMs, everyMs, signal } = options;
  const started = performance.now();
  const clock = createStoryClock(fromMs);
  const known = await openFirst(first);
  const { layout } = known.program.encoder;
  const { over } = (known.package.training ?? defaultTraining).rows;
  // The newest rows of a training are those of some days before.
  const overMs = secondsOf(over) * 1000 + longestFlightMs;
  const stage = createStoryStage(known, clock);
  const queue = createEventQueue(placeEvents(options.events));
  const serving: Serving = { stage, queue, onProgress: options.onProgress, signal };
  const wait = (untilMs: number) => serveUntil(untilMs, serving);
  await publishFirst(stage, first);
  const loop = createLoop(stage, options);

  const executions: Execution[] = [];
  const measured: MeasuredPeriod[] = [];
  const measure = async (isAll: boolean) => {
    const periods = periodsOf(executions, toMs);
    for (const period of periods.slice(measured.length, isAll ? undefined : -1)) {
      options.onStep?.(clock.now(), "measure");
      measured.push(await measurePeriod(stage, { period, frozen: periods[0]!.champion, layout }));
    }
  };
  for (let atMs = trainMs; atMs + everyMs / 4 < toMs; atMs += everyMs) {
    await wait(atMs);
    await measure(false);
    executions.push(await loop(wait));
    if (periodsOf(executions, toMs).length === 0)
      throw new Error(`story: got no champion from the first training: ${executions[0]!.why}`);
    const openMs = periodsOf(executions, toMs)[measured.length]!.fromMs;
    const keptFromMs = Math.min(openMs, clock.now() - overMs);
    stage.examples.forget(keptFromMs);
    stage.exampleObjects.forget(keptFromMs);
  }
  // Flights in the air land after the end, and what becomes of them counts.
  await wait(toMs + longestFlightMs);
  await measure(true);
  return {
    ...{ fromMs, toMs, executions, periods: measured },
    comparedMs: measured[0]!.fromMs,
    ledger: (await stage.ledger.history(stage.model)).toReversed(),
    events: stage.metrics.of("Events"),
    predictions: stage.metrics.of("Predictions"),
    outcomes: stage.metrics.of("OutcomesJoined"),
    seconds: (performance.now() - started) / 1000,
  };
}

/** Its package is compiled for the layout of rows, which all versions share. */
async function openFirst(files: PackageFiles): Promise<LoadedModel> {
  const model = await loadModel(packageDigest(files), files, {
    engine: createOrtEngine({ memoryMiB: 1769 }),
    nowMs: () => performance.now(),
  });
  await model.session.release();
  return model;
}

/** What a schedule starts: one execution, from admission to the note of its end. */
function createLoop(stage: StoryStage, { pool, onStep }: StoryOptions) {
  const { model, clock, learning, logger } = stage;
  let asked: LearningRun | undefined;
  const deps: RetrainDeps = {
    ...{ model, store: learning, logger, now: clock.now },
    rules: { coolDownHours: 24, mostPerMonth: 8 },
    workflow: {
      async start(run) {
        asked = run;
      },
      status: async (execution) => (asked?.execution === execution ? "running" : "unknown"),
    },
  };
  return async (wait: (untilMs: number) => Promise<void>): Promise<Execution> => {
    const answer = await retrain({ reason: "schedule", by: "schedule" }, deps);
    const done = await runExecution({
      ...{ stage, pool, wait, execution: answer.execution! },
      onProgress: (doing) => onStep?.(clock.now(), doing),
    });
    asked = undefined;
    onStep?.(clock.now(), `${done.end}: ${done.why}`);
    return done;
  };
}

/** The times of the champions that were trained, the last one up to `toMs`. */
function periodsOf(executions: readonly Execution[], toMs: number): readonly Period[] {
  const promoted = executions.filter(({ end }) => end === "promoted");
  return promoted.map(({ endedMs, digest, champion }, i) => ({
    fromMs: endedMs,
    toMs: promoted[i + 1]?.endedMs ?? toMs,
    champion: digest as ModelDigest,
    replaced: i === 0 ? undefined : champion,
  }));
}
