import { MemoryShardStateStore } from "../../../functions/adapters/memory/memory-shard-state-store.ts";
import { secondsOf } from "../../../functions/contract/duration.ts";
import type { LabelValue } from "../../../functions/contract/example.ts";
import type { ModelPackage } from "../../../functions/contract/model-package.ts";
import { scoredOutput } from "../../../functions/contract/package-problems.ts";
import type { Prediction } from "../../../functions/contract/prediction.ts";
import type { LoadedModel } from "../../../functions/core/inference/loaded-model.ts";
import { type ReadArchiveOptions, readArchive } from "../../archive/read-archive.ts";
import { createSpanFilter, neededSpan, type Span } from "../../backfill/event-span.ts";
import { type Replayed, type ReplayOptions, replayEvents } from "../../backfill/replay-events.ts";

export interface ReplayVersionOptions
  extends Span,
    Pick<ReplayOptions, "parentsOf" | "onProgress" | "signal"> {
  readonly model: LoadedModel;
  /** The data bucket, which holds the archive. */
  readonly data: ReadArchiveOptions["store"];
  /** Told of what in the archive cannot be read; the rest is read on. */
  readonly noteDamaged: (message: string) => void;
}

/** What a version said of one event. */
export interface Answer {
  readonly outputs: Prediction["outputs"];
  /** What came true: 0 or 1, the position of a class, or the number; undefined where nothing is known. */
  label: number | undefined;
}

export interface VersionReplay {
  readonly package: ModelPackage;
  readonly digest: string;
  /** Of the span, by the event's id. Each is a few hundred bytes of memory. */
  readonly answers: ReadonlyMap<string, Answer>;
  readonly replayed: Replayed;
}

/**
 * Replay a span of the archive through a version, by the stream function's own code in memory: what it would have said
 * of each event, and what came true. Nothing is written.
 *
 * @throws {DependencyError} when the bucket cannot be reached.
 */
export async function replayVersion(options: ReplayVersionOptions): Promise<VersionReplay> {
  const { model, fromMs, toMs, data, noteDamaged } = options;
  const answers = new Map<string, Answer>();
  const whole = withAllExamples(model);
  const needed = neededSpan(whole, options);
  const archive = await readArchive({
    ...{ store: data, noteDamaged },
    // An event is never further ahead of its arrival.
    from: needed.fromMs - secondsOf(model.package.event.ahead) * 1000,
  });
  const isNeeded = createSpanFilter(whole, needed);
  const output = shownOutput(model.package);
  const replayed = await replayEvents({
    ...options,
    model: whole,
    events: only(archive.all(), isNeeded),
    tiles: new MemoryShardStateStore(),
    onPredictions({ bodies }) {
      for (const body of bodies) {
        const { eventId, eventTime, outputs }: Prediction = JSON.parse(body);
        const timeMs = Date.parse(eventTime);
        if (timeMs < fromMs || timeMs >= toMs || answers.has(eventId)) continue;
        answers.set(eventId, { outputs: { [output]: outputs[output]! }, label: undefined });
      }
    },
    onExamples({ examples }) {
      for (const { eventId, label } of examples) {
        const answer = answers.get(eventId);
        if (answer !== undefined) answer.label = positionOf(label, model.package);
      }
    },
  });
  return { package: model.package, digest: model.digest, answers, replayed };
}

/** The output that is compared: what the outcome speaks of, else the first that is no label. */
export function shownOutput(pkg: ModelPackage): string {
  return scoredOutput(pkg)?.name ?? Object.entries(pkg.outputs).find(([, each]) => "from" in each)![0];
}

async function* only<Value>(
  all: AsyncIterable<Value>,
  isWanted: (value: Value) => boolean,
): AsyncGenerator<Value> {
  for await (const each of all) if (isWanted(each)) yield each;
}

/** Outcomes come as examples, of which a package may want a sample only. */
function withAllExamples(model: LoadedModel): LoadedModel {
  return { ...model, package: { ...model.package, examples: { sample: 1 } } };
}

/** A class stands in an example as itself. */
function positionOf(label: LabelValue, { outcome }: ModelPackage): number {
  return outcome?.label.classes?.indexOf(label) ?? Number(label);
}
