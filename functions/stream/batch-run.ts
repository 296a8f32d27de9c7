import type { Place, Reject } from "../contract/reject.ts";
import { disaggregate, type SubRecord } from "../core/decode/aggregated-record.ts";
import { InputError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import { encodeRow, isProblem, readEvent } from "../core/inference/event-row.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { type PredictionBatch, selectRows } from "../core/prediction/prediction-batch.ts";
import { createPredictionBuilder } from "../core/prediction/prediction-builder.ts";
import type { BatchTiming } from "./batch-timer.ts";
import { arrivalMsOf, type DeliveredBatch } from "./delivered-batch.ts";
import { reportFailure, type StreamDeps } from "./deps.ts";

export interface RunOptions {
  readonly batch: DeliveredBatch;
  readonly model: LoadedModel;
  readonly deps: StreamDeps;
  readonly timing: BatchTiming;
}

/** The state of one batch on its way through one version of the model. */
export function startRun({ batch, model, deps, timing }: RunOptions) {
  const { program, buffers } = model;
  const builder = createPredictionBuilder({
    model: deps.model,
    digest: model.digest,
    role: "champion",
    keepSeconds: deps.keepSeconds,
    placeOf,
    now: deps.now,
  });
  const rejects: { record: number; reject: Reject }[] = [];
  // One place each per event taken; a record has one event, or those that were aggregated into it.
  const recordOf: number[] = [];
  const subIndexOf: number[] = [];
  /** How the event ended, as far as this run has come. */
  const ends: number[] = [];
  let failedAt: number | undefined;
  timing.enter("decode");

  return {
    failedAt: () => failedAt,
    isChunkFull: () => builder.count === buffers.capacity,
    partsOf,
    take,
    finishChunk,
    finish,
  };

  /** @returns the events of an aggregated record, none where it is damaged; undefined for a plain record. */
  function partsOf(record: number): readonly SubRecord[] | undefined {
    try {
      return disaggregate(batch.records[record]!.kinesis.data);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      rejectEvent(addEvent(record, plain), error);
      return [];
    }
  }

  /** Decode, match and encode one event into the next row of the chunk. */
  function take(record: number, subIndex: number, part?: SubRecord): void {
    const event = addEvent(record, subIndex);
    const unreadable = readEvent(program, part?.data ?? batch.records[record]!.kinesis.data);
    if (unreadable !== undefined) {
      rejectEvent(event, unreadable);
      return;
    }
    if (!program.asks(program.reader.fields)) {
      ends[event] = End.skipped;
      return;
    }
    const identity = encodeRow(program, buffers, builder.count);
    if (isProblem(identity)) {
      rejectEvent(event, identity);
      return;
    }
    builder.add(identity, arrivalMsOf(batch.records[record]!), event);
  }

  function addEvent(record: number, subIndex: number): number {
    recordOf.push(record);
    subIndexOf.push(subIndex);
    return ends.push(End.open) - 1;
  }

  function placeOf(event: number): Place {
    return batch.placeOf(recordOf[event]!, Math.max(subIndexOf[event]!, 0));
  }

  /** Run the model on the rows gathered, then store and emit; what fails outside fails the chunk, not those before. */
  async function finishChunk(): Promise<void> {
    if (builder.count === 0) return;
    const events = Array.from({ length: builder.count }, (_, i) => builder.positionOf(i));
    try {
      const failed = await predictChunk(events);
      failedAt = failed === undefined ? undefined : recordOf[failed];
    } catch (error) {
      reportFailure(error, deps);
      failedAt = recordOf[events[0]!];
    } finally {
      timing.enter("decode");
    }
  }

  /** @returns the lowest event that is not wholly done, if any. */
  async function predictChunk(events: readonly number[]): Promise<number | undefined> {
    const count = events.length;
    const features = model.package.keep
      ? { bytes: buffers.copyBytes(0, count), rowBytes: buffers.rowBytes }
      : undefined;
    timing.enter("predict");
    const results = await model.predictor.predict(count);
    results.forEach((result, i) => {
      if (typeof result !== "string") rejectEvent(events[i]!, result);
    });
    const { batch: made, eventOf } = builder.build(
      results.map((result) => (typeof result === "string" ? result : undefined)),
      features,
    );
    timing.enter("write");
    const lost = await storeAndEmit(made);
    eventOf.forEach((i, row) => {
      if (!lost.has(row)) ends[events[i]!] = End.predicted;
    });
    return lost.size === 0 ? undefined : events[eventOf[Math.min(...lost)]!];
  }

  /** @returns the rows that were not written everywhere. */
  async function storeAndEmit(made: PredictionBatch): Promise<ReadonlySet<number>> {
    const stored = model.package.keep ? await deps.store.put(made) : undefined;
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

  /** Write the rejects, count what is done, and say how far that is. */
  async function finish(): Promise<number> {
    const done = await writeRejects(failedAt ?? batch.records.length);
    const { metrics } = deps;
    const settled = ends.filter((_, event) => recordOf[event]! < done);
    metrics.add("Events", settled.length, "Count");
    metrics.add("Predictions", countOf(settled, End.predicted), "Count");
    metrics.add("Skipped", countOf(settled, End.skipped), "Count");
    metrics.add("Rejected", countOf(settled, End.rejected), "Count");
    for (const { record, reject } of rejects)
      if (record < done) metrics.add("RejectedByReason", 1, "Count", { Reason: reject.code });
    return done;
  }

  /** @returns how many records are done: no more than `done`, and only those before the first reject if that fails. */
  async function writeRejects(done: number): Promise<number> {
    const settled = rejects.filter(({ record }) => record < done);
    if (settled.length === 0) return done;
    timing.enter("reject");
    try {
      await deps.rejects.write({
        model: deps.model,
        ...batch.range,
        rejects: settled.map(({ reject }) => reject),
      });
      return done;
    } catch (error) {
      reportFailure(error, deps);
      return Math.min(...settled.map(({ record }) => record));
    }
  }

  function rejectEvent(event: number, { code, message }: Problem): void {
    const record = recordOf[event]!;
    ends[event] = End.rejected;
    const reject = {
      code,
      message,
      model: deps.model,
      place: placeOf(event),
      arrivedAt: new Date(arrivalMsOf(batch.records[record]!)).toISOString(),
      ...originalOf(event),
    };
    rejects.push({ record, reject });
  }

  /** What the producer put: rejects are few, so an aggregated record is taken apart anew rather than held on to. */
  function originalOf(event: number): Pick<Reject, "partitionKey" | "data"> {
    const { kinesis } = batch.records[recordOf[event]!]!;
    const subIndex = subIndexOf[event]!;
    if (subIndex === plain) return { partitionKey: kinesis.partitionKey, data: kinesis.data };
    const part = disaggregate(kinesis.data)![subIndex]!;
    return { partitionKey: part.partitionKey, data: part.data.toString("base64") };
  }
}

function withStoredBodies(made: PredictionBatch, stored: ReadonlyMap<number, string>): PredictionBatch {
  if (stored.size === 0) return made;
  return { ...made, bodies: made.bodies.map((body, row) => stored.get(row) ?? body) };
}

/** Stands for the sub-record index of a record that is not aggregated. */
export const plain = -1;

/** How an event ended. */
const End = { open: 0, predicted: 1, skipped: 2, rejected: 3 } as const;

function countOf(ends: readonly number[], end: number): number {
  return ends.reduce((count, each) => (each === end ? count + 1 : count), 0);
}
