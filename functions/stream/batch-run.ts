import { storesPredictions } from "../contract/package-problems.ts";
import type { Reject } from "../contract/reject.ts";
import type { SubRecord } from "../core/decode/aggregated-record.ts";
import { InputError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import { encodeRow, isProblem, joinProblems, readEvent } from "../core/inference/event-row.ts";
import type { SketchRecorder } from "../core/monitor/sketch-recorder.ts";
import { keepSecondsOf } from "../core/prediction/keep-seconds.ts";
import { type PredictionBatch, selectRows } from "../core/prediction/prediction-batch.ts";
import { createPredictionBuilder } from "../core/prediction/prediction-builder.ts";
import { redactReject } from "../core/reject/redact-reject.ts";
import type { RowSegments } from "../core/rollout/answer-rows.ts";
import type { ServingRoles } from "../core/rollout/serving-roles.ts";
import { answerChunk } from "./answer-chunk.ts";
import type { BatchState } from "./batch-state.ts";
import type { BatchTiming } from "./batch-timer.ts";
import { openBeside } from "./beside.ts";
import { arrivalMsOf, type DeliveredBatch } from "./delivered-batch.ts";
import { reportFailure, type StreamDeps } from "./deps.ts";
import { createEventLog, End, plain } from "./event-log.ts";
import { createSketchTurn } from "./sketch-chunk.ts";

export interface RunOptions {
  readonly batch: DeliveredBatch;
  readonly roles: ServingRoles;
  /** Absent where no version keeps any. */
  readonly state: BatchState | undefined;
  /** Absent where nothing is counted. */
  readonly sketches: SketchRecorder | undefined;
  readonly deps: StreamDeps;
  readonly timing: BatchTiming;
}

/** Events of a chunk that ask for nothing: they take no row, but state is read for them all at once. */
const maxUnaskedPerChunk = 4096;

/** The state of one batch on its way through the versions of the model that serve. */
export function startRun({ batch, roles, state, sketches, deps, timing }: RunOptions) {
  const model = roles.champion;
  const beside = openBeside({ roles, state, deps });
  const { program, buffers } = model;
  const { fields } = program.reader;
  const isStored = storesPredictions(model.package);
  const builder = createPredictionBuilder({
    model: deps.model,
    digest: model.digest,
    role: deps.role,
    keepSeconds: keepSecondsOf(model.package, deps.keepSeconds),
    placeOf: (event) => log.placeOf(event),
    now: deps.now,
  });
  const log = createEventLog(batch);
  const rejects: { event: number; reject: Reject & { readonly data: string } }[] = [];
  /** The first event of the chunk. */
  let chunkStart = 0;
  let failedEvent: number | undefined;
  /** Of the chunk, by row: when its event was, and its part of each segment where a challenger is on. */
  let timesMs: number[] = [];
  let segments: RowSegments[] = [];
  timing.enter("decode");

  return {
    hasFailed: () => failedEvent !== undefined,
    isChunkFull: () =>
      builder.count === buffers.capacity ||
      beside?.isFull ||
      log.count - chunkStart - builder.count >= maxUnaskedPerChunk,
    partsOf,
    take,
    finishChunk,
    finish,
  };

  /** @returns the events of an aggregated record, none where it is damaged; undefined for a plain record. */
  function partsOf(record: number): readonly (SubRecord | undefined)[] | undefined {
    try {
      return batch.partsOf(record);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      rejectEvent(log.add(record, plain), error);
      return [];
    }
  }

  /** Decode, match and encode one event into the next row of the chunk. */
  function take(record: number, subIndex: number, part?: SubRecord): void {
    const event = log.add(record, subIndex);
    if (state?.isDone(log.markOf(event))) log.end(event, End.redelivered);
    else takeNew(event, part?.data ?? batch.records[record]!.kinesis.data);
  }

  function takeNew(event: number, source: string | Buffer): void {
    const problem = readEvent(program, source) ?? admit(event, source);
    if (problem !== undefined) rejectEvent(event, problem);
  }

  /** Give the event that was read last its row and its part in the state, if it has any. @returns why not, if it is at fault. */
  function admit(event: number, source: string | Buffer): Problem | undefined {
    const asks = program.asks(fields);
    const arrivalMs = arrivalMsOf(batch.records[log.recordOf(event)]!);
    const facts = state?.read(asks, arrivalMs);
    const newestMs = state?.newestMs ?? -Infinity;
    if (!asks && facts === undefined) {
      log.end(event, End.skipped);
      beside?.take({ ...placeIn(event, source), row: undefined, identity: undefined, newestMs });
      return undefined;
    }
    if (facts !== undefined && "problems" in facts) return joinProblems(facts.problems);
    const row = asks ? builder.count : undefined;
    const identity = row === undefined ? undefined : encodeRow(program, buffers, row);
    if (identity !== undefined && isProblem(identity)) return identity;
    const timeMs = identity?.timeMs;
    const refusal = facts && state?.admit(facts, { mark: log.markOf(event), row, timeMs, arrivalMs });
    if (refusal !== undefined) return refusal;
    beside?.take({ ...placeIn(event, source), row, identity, newestMs });
    if (identity === undefined) {
      log.end(event, End.applied);
      return undefined;
    }
    builder.add(identity, arrivalMs, event);
    if (sketches !== undefined) timesMs.push(timeMs ?? arrivalMs);
    if (beside?.challenger !== undefined) segments.push(program.segments.read(fields));
    return undefined;
  }

  function placeIn(event: number, source: string | Buffer) {
    return {
      source,
      mark: log.markOf(event),
      arrivalMs: arrivalMsOf(batch.records[log.recordOf(event)]!),
      placeOf: () => log.placeOf(event),
    };
  }

  /**
   * Bring the chunk up to date with the state before it, run the model on its rows, then store and emit; what fails
   * outside fails the chunk, not those before.
   */
  async function finishChunk(): Promise<void> {
    // Without state, events that ask for nothing are done as they are.
    const first = state === undefined ? builder.count > 0 && builder.positionOf(0) : chunkStart;
    if (first === false || first === log.count) return;
    try {
      failedEvent = await predictChunk();
    } catch (error) {
      reportFailure(error, deps);
      failedEvent = first;
    } finally {
      chunkStart = log.count;
      timesMs = [];
      segments = [];
      timing.enter("decode");
    }
  }

  /** @returns the lowest event that is not wholly done, if any. */
  async function predictChunk(): Promise<number | undefined> {
    if (state !== undefined) timing.enter("state");
    const refused = await state?.fill(buffers);
    await beside?.fill(buffers);
    const count = builder.count;
    if (count === 0) return undefined;
    const events = Array.from({ length: count }, (_, i) => builder.positionOf(i));
    const features = isStored
      ? { bytes: buffers.copyBytes(0, count), rowBytes: buffers.rowBytes }
      : undefined;
    timing.enter("predict");
    const marks = { at: (row: number) => log.markOf(events[row]!) };
    const { results, beside: answers } = await answerChunk({
      ...{ champion: model, challenger: beside?.challenger, count, refused, segments, deps },
      entityOf: builder.entityOf,
      sketch: createSketchTurn(sketches, { timesMs, marks }),
      keepsRows: isStored,
    });
    results.forEach((result, i) => {
      if (typeof result !== "string") rejectEvent(events[i]!, result);
    });
    const { batch: made, eventOf } = builder.build(
      results.map((result) => (typeof result === "string" ? result : undefined)),
      features,
      answers,
    );
    timing.enter("write");
    const lost = await storeAndEmit(made);
    eventOf.forEach((i, row) => {
      if (!lost.has(row)) log.end(events[i]!, End.predicted);
    });
    return lost.size === 0 ? undefined : events[eventOf[Math.min(...lost)]!];
  }

  /** @returns the rows that were not written everywhere. */
  async function storeAndEmit(made: PredictionBatch): Promise<ReadonlySet<number>> {
    const stored = isStored ? await deps.store.put(made) : undefined;
    const lost = new Set(stored?.failed);
    // What was stored first is what counts, and what consumers get to see; what is not stored they do not see yet.
    const standing = stored === undefined ? made : withStoredBodies(made, stored.existing);
    const rows = lost.size === 0 ? undefined : [...made.bodies.keys()].filter((row) => !lost.has(row));
    const unsent = await deps.predictions.put(rows === undefined ? standing : selectRows(standing, rows));
    for (const row of unsent) lost.add(rows?.[row] ?? row);
    if (lost.size === 0) return lost;
    deps.metrics.add("DependencyErrors", 1, "Count");
    deps.logger.warn("predictions not written; the batch is delivered again from the lowest of them", {
      rows: lost.size,
      of: made.count,
    });
    return lost;
  }

  /**
   * Write what the events leave behind - outcomes, tiles, accuracy, examples, rejects, and last how far this is -, count
   * what is done, and say how many records that is.
   */
  async function finish(): Promise<number> {
    let done = recordsBelow(failedEvent);
    if (state !== undefined) {
      timing.enter("state");
      done = Math.min(done, await settleState(state, done));
    }
    done = await writeRejects(done);
    if (state !== undefined) done = await saveProgress(state, done);
    const { metrics } = deps;
    const tally = log.tally(done);
    metrics.add("Events", log.countIn(done), "Count");
    metrics.add("Predictions", tally[End.predicted]!, "Count");
    metrics.add("Skipped", tally[End.skipped]!, "Count");
    metrics.add("Rejected", tally[End.rejected]!, "Count");
    if (state !== undefined) {
      metrics.add("Applied", tally[End.applied]!, "Count");
      metrics.add("Redelivered", tally[End.redelivered]!, "Count");
    }
    for (const { event, reject } of rejects)
      if (log.recordOf(event) < done) metrics.add("RejectedByReason", 1, "Count", { Reason: reject.code });
    return done;
  }

  /** @returns how many records come wholly before an event; all of them where there is none. */
  function recordsBelow(event: number | undefined): number {
    return event === undefined ? batch.records.length : log.recordOf(event);
  }

  async function settleState(of: BatchState, done: number): Promise<number> {
    const end = log.countIn(done);
    try {
      const before = end === log.count ? undefined : log.markOf(end);
      const marks = await Promise.all([of.settle(before), beside?.save(before)]);
      const [open] = marks.filter((mark) => mark !== undefined).sort();
      if (open === undefined) return done;
      deps.metrics.add("DependencyErrors", 1, "Count");
      let event = 0;
      while (event < end && log.markOf(event) < open) event++;
      return recordsBelow(event);
    } catch (error) {
      reportFailure(error, deps);
      return 0;
    }
  }

  /** Without it the next delivery only does everything once more, and finds it done. */
  async function saveProgress(of: BatchState, done: number): Promise<number> {
    const end = log.countIn(done);
    if (end === 0) return done;
    try {
      const last = log.markOf(end - 1);
      await of.saveProgress(last, end === log.count ? undefined : log.markOf(end));
      beside?.followed(last);
      return done;
    } catch (error) {
      reportFailure(error, deps);
      return 0;
    }
  }

  /** @returns how many records are done: no more than `done`, and only those before the first reject if that fails. */
  async function writeRejects(done: number): Promise<number> {
    const settled = rejects.filter(({ event }) => log.recordOf(event) < done);
    if (settled.length === 0) return done;
    timing.enter("reject");
    try {
      await deps.rejects.write({
        model: deps.model,
        ...batch.range,
        rejects: settled.map(({ reject }) => redactReject(reject, model.redactor)),
      });
      return done;
    } catch (error) {
      reportFailure(error, deps);
      return Math.min(...settled.map(({ event }) => log.recordOf(event)));
    }
  }

  function rejectEvent(event: number, { code, message }: Problem): void {
    log.end(event, End.rejected);
    const reject = {
      code,
      message,
      model: deps.model,
      place: log.placeOf(event),
      arrivedAt: new Date(arrivalMsOf(batch.records[log.recordOf(event)]!)).toISOString(),
      ...log.originalOf(event),
    };
    rejects.push({ event, reject });
  }
}

function withStoredBodies(made: PredictionBatch, stored: ReadonlyMap<number, string>): PredictionBatch {
  if (stored.size === 0) return made;
  return { ...made, bodies: made.bodies.map((body, row) => stored.get(row) ?? body) };
}
