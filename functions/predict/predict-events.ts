import { storesPredictions } from "../contract/package-problems.ts";
import { DependencyError, type ErrorCode, ModelRunError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import { encodeRow, isProblem, joinProblems, readEvent, writeWindows } from "../core/inference/event-row.ts";
import type { SketchRecorder } from "../core/monitor/sketch-recorder.ts";
import type { EventIdentity } from "../core/prediction/event-identity.ts";
import { keepSecondsOf } from "../core/prediction/keep-seconds.ts";
import { createPredictionBuilder, type EncodedRows } from "../core/prediction/prediction-builder.ts";
import { type AnsweredRows, answerRows, type RowSegments } from "../core/rollout/answer-rows.ts";
import type { ServingRoles } from "../core/rollout/serving-roles.ts";
import type { Mark } from "../core/state/mark.ts";
import type { Ask } from "../core/views/view-batch.ts";
import { startChallenger } from "./challenger-run.ts";
import type { PredictDeps } from "./deps.ts";
import type { ShadowSending } from "./shadow-sender.ts";
import { isDoneWithin } from "./within.ts";

/** What answers a request that takes whole events. */
export interface EventsRequest {
  /** Who serves, pinned for the request. */
  readonly roles: ServingRoles;
  readonly deps: Pick<
    PredictDeps,
    "model" | "store" | "viewsOf" | "breaker" | "metrics" | "logger" | "keepSeconds" | "now" | "nowMs"
  >;
  /** Stands in the ids of predictions on events that have none. */
  readonly requestId: string;
  /** When it arrived: the time of events without one, epoch milliseconds. */
  readonly arrivalMs: number;
  /** Absent where nothing is sketched. */
  readonly sketches: Sketches | undefined;
  /** Absent where no shadow is on. */
  readonly shadow: ShadowSending | undefined;
}

export interface Sketches {
  readonly recorder: SketchRecorder;
  /** A mark above all before it. */
  nextMark(): Mark;
}

/** An event that waits in the chunk for its answer; by row. */
interface Taken extends Ask {
  readonly identity: EventIdentity;
  readonly segments: RowSegments;
  readonly mark: Mark;
}

/** Who answers the rows of a chunk, and the challenger's rows where they are not the champion's. */
interface AnsweredChunk extends AnsweredRows {
  readonly features?: EncodedRows;
}

/** How long an answer that is ready waits for sketches to be written; they go on being written after that. */
const flushPatienceMs = 100;

/**
 * Predict on whole events, as the stream function does: the same features, identity and prediction ids, stored when
 * the package says so, and what was stored first is what counts.
 *
 * While a challenger is on, both versions score every event; the one whose entity it is answers, and what the other said
 * is stored with the answer.
 *
 * `predictOn` is not asked: who sends an event here wants a prediction of it. An event without an id gets one of
 * `https/<request id>/<position>/0`, so sending it again makes another prediction.
 *
 * @param events - one event's bytes each.
 * @returns per event, in order, the JSON text of its prediction, or of `{"error": {code, message}}`.
 * @throws {DependencyError} when every event failed for something outside; no answer is worth keeping then.
 */
export async function predictEvents(events: readonly Buffer[], request: EventsRequest): Promise<string[]> {
  const { roles, deps, requestId, arrivalMs, sketches, shadow } = request;
  const { champion: model } = roles;
  const { program, buffers } = model;
  const isStored = storesPredictions(model.package);
  // Text has no bytes of a fixed width to copy.
  const isNumeric = program.encoder.layout.inputs.every(({ type }) => type !== "string");
  const copiesRows = isNumeric && (isStored || shadow !== undefined);
  const windows = new Float64Array(program.views.windows.length);
  const challenger = startChallenger({ roles, deps, sketches: sketches?.recorder });
  const capacity = Math.min(buffers.capacity, challenger?.capacity ?? buffers.capacity);
  const views = await deps.viewsOf(model);
  let taken: Taken[] = [];
  const answers: string[] = new Array(events.length);
  let lost = 0;
  const builder = createPredictionBuilder({
    model: deps.model,
    digest: model.digest,
    role: "champion",
    keepSeconds: keepSecondsOf(model.package, deps.keepSeconds),
    placeOf: (i) => ({ stream: "https", shard: requestId, sequenceNumber: String(i), subIndex: 0 }),
    now: deps.now,
  });
  for (let i = 0; i < events.length; i++) {
    take(events[i]!, i);
    if (builder.count === capacity) await finishChunk();
  }
  await finishChunk();
  await shadow?.settle();
  deps.metrics.add("Events", events.length - lost, "Count");
  if (lost === events.length) throw notStored();
  return answers;

  /** Read and encode one event into the next row of the chunk, or say why not. */
  function take(bytes: Buffer, i: number): void {
    const unreadable = readEvent(program, bytes);
    const identity = unreadable ?? encodeRow(program, buffers, builder.count);
    if (isProblem(identity)) {
      reject(i, identity);
      return;
    }
    const { fields } = program.reader;
    const lookups = program.views.lookupsOf(fields);
    if (Array.isArray(lookups)) {
      reject(i, joinProblems(lookups));
      return;
    }
    const timeMs = identity.timeMs ?? arrivalMs;
    taken.push({
      ...{ keys: lookups.keys, timeMs, identity },
      segments: challenger && program.segments.read(fields),
      mark: sketches?.nextMark() ?? "",
    });
    builder.add(identity, arrivalMs, i);
    challenger?.take(bytes, timeMs);
  }

  /** Read the windows of the chunk's events into their rows. @returns rows whose windows the model cannot take */
  async function fillWindows(chunk: readonly Taken[]): Promise<ReadonlyMap<number, Problem>> {
    const refused = new Map<number, Problem>();
    if (views === undefined) return refused;
    await views.load(chunk);
    chunk.forEach(({ keys, timeMs }, row) => {
      views.read(keys, timeMs, windows);
      const problem = writeWindows(program, windows, { buffers, row });
      if (problem !== undefined) refused.set(row, problem);
    });
    return refused;
  }

  async function finishChunk(): Promise<void> {
    const chunk = taken;
    taken = [];
    const count = builder.count;
    if (count === 0) return;
    const positions = chunk.map((_, i) => builder.positionOf(i));
    const eventIds = chunk.map((_, i) => builder.eventIdOf(i));
    const filling = fillWindows(chunk);
    const placing = challenger?.place(count, filling);
    const refused = await filling;
    await placing;
    const features = copiesRows
      ? { bytes: buffers.copyBytes(0, count), rowBytes: buffers.rowBytes }
      : undefined;
    const { results, answered } = await score(chunk, refused);
    const outputs = answered?.outputs ?? results.map(textOf);
    results.forEach((result, i) => {
      if (outputs[i] === undefined && typeof result !== "string") reject(positions[i]!, result);
    });
    const { batch, eventOf } = builder.build(outputs, isStored ? features : undefined, answered);
    shadow?.send(
      eventOf.map((row) => ({
        ...{ identity: chunk[row]!.identity, eventId: eventIds[row]!, position: positions[row]!, row },
      })),
      features,
    );
    const flushing = sketches?.recorder.flush();
    const stored = isStored ? await deps.store.put(batch) : undefined;
    if (flushing !== undefined) await isDoneWithin(flushing, flushPatienceMs);
    eventOf.forEach((event, row) => {
      answers[positions[event]!] = stored?.existing.get(row) ?? batch.bodies[row]!;
    });
    for (const row of stored?.failed ?? []) {
      answers[positions[eventOf[row]!]!] = errorText(notStored());
      lost++;
    }
    deps.metrics.add("Predictions", batch.count - (stored?.failed.length ?? 0), "Count");
    const byChallenger = answered?.answerers.filter((answerer) => answerer !== undefined).length ?? 0;
    if (byChallenger > 0) deps.metrics.add("ChallengerAnswers", byChallenger, "Count");
    if (stored !== undefined && stored.failed.length > 0) deps.metrics.add("DependencyErrors", 1, "Count");
  }

  /** Run the chunk's rows by the champion and, where one is on, by the challenger. */
  async function score(
    chunk: readonly Taken[],
    refused: ReadonlyMap<number, Problem>,
  ): Promise<{ results: readonly (string | Problem)[]; answered: AnsweredChunk | undefined }> {
    const timesMs = chunk.map(({ timeMs }) => timeMs);
    const marks = chunk.map(({ mark }) => mark);
    const entities = chunk.map((_, i) => builder.entityOf(i));
    const counted = sketches?.recorder.add({ model, role: "champion", count: chunk.length, timesMs, marks });
    const startedMs = deps.nowMs();
    const predicted = await model.predictor.predict(chunk.length);
    const durationMs = deps.nowMs() - startedMs;
    const said = predicted.map((result, row) => refused.get(row) ?? result);
    counted?.(said, durationMs);
    // The runtime's own words are not for callers.
    const results = said.map((result) => (result instanceof ModelRunError ? failsOnEvent(result) : result));
    const beside = await challenger?.run({ results, durationMs, timesMs, marks });
    if (challenger === undefined || beside === undefined) return { results, answered: undefined };
    const answered = answerRows({
      champion: { digest: model.digest, results },
      challenger: { digest: challenger.digest, share: challenger.share, results: beside.results },
      entities,
      segments: chunk.map(({ segments }) => segments),
    });
    return { results, answered: { ...answered, ...(beside.features && { features: beside.features }) } };
  }

  function reject(i: number, problem: Problem): void {
    answers[i] = errorText(problem);
    deps.metrics.add("Rejected", 1, "Count");
    deps.metrics.add("RejectedByReason", 1, "Count", { Reason: problem.code });
  }
}

function textOf(result: unknown): string | undefined {
  return typeof result === "string" ? result : undefined;
}

function failsOnEvent({ code }: Problem): Problem {
  return { code, message: "the model fails on this event; correct its values" };
}

function errorText({ code, message }: { readonly code: ErrorCode; readonly message: string }): string {
  return JSON.stringify({ error: { code, message } });
}

function notStored(): DependencyError {
  return new DependencyError("the prediction could not be stored, and only stored ones count; try again", {
    code: "dependency.unavailable",
  });
}
