import type { KinesisStreamRecord } from "aws-lambda";
import type { Reject } from "../contract/reject.ts";
import { InputError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { joinProblems } from "../core/inference/predict-events.ts";
import { type PredictionBatch, selectRows } from "../core/prediction/prediction-batch.ts";
import { createPredictionBuilder } from "../core/prediction/prediction-builder.ts";
import type { DeliveredBatch } from "./delivered-batch.ts";
import { reportFailure, type StreamDeps } from "./deps.ts";

/** The state of one batch on its way through one version of the model. */
export function startRun(batch: DeliveredBatch, model: LoadedModel, deps: StreamDeps) {
  const { program, buffers } = model;
  const { reader } = program;
  const builder = createPredictionBuilder({
    model: deps.model,
    digest: model.digest,
    role: "champion",
    keepSeconds: deps.keepSeconds,
    now: deps.now,
  });
  const rejects: { record: number; reject: Reject }[] = [];
  /** Per record, how it ended, as far as this run has come. */
  const ends = new Uint8Array(batch.records.length);
  let failedAt: number | undefined;

  return {
    failedAt: () => failedAt,
    isChunkFull: () => builder.count === buffers.capacity,
    take,
    finishChunk,
    finish,
  };

  /** Decode, match and encode one record into the next row of the chunk. */
  function take(record: KinesisStreamRecord, i: number): void {
    try {
      reader.read(program.payloads.decode(record.kinesis.data));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      rejectRecord(i, error);
      return;
    }
    const { fields } = reader;
    if (!program.asks(fields)) {
      ends[i] = End.skipped;
      return;
    }
    const row = builder.count;
    const identity = program.identity.read(fields);
    const encoded = program.encoder.encode(fields, buffers, row);
    if (encoded && !Array.isArray(identity)) {
      builder.add({ identity, arrivalMs: arrivalMsOf(record), record: i }, () => batch.placeOf(i));
      return;
    }
    const problems = Array.isArray(identity) ? [...identity] : [];
    if (!encoded) problems.push(...program.encoder.explain(fields, buffers, row));
    rejectRecord(i, joinProblems(problems));
  }

  /** Run the model on the rows gathered, then store and emit; what fails outside fails the chunk, not those before. */
  async function finishChunk(): Promise<void> {
    if (builder.count === 0) return;
    const records = Array.from({ length: builder.count }, (_, i) => builder.recordOf(i));
    try {
      failedAt = await predictChunk(records);
    } catch (error) {
      reportFailure(error, deps);
      failedAt = records[0]!;
    }
  }

  /** @returns the lowest record that is not wholly done, if any. */
  async function predictChunk(records: readonly number[]): Promise<number | undefined> {
    const count = records.length;
    const features = model.package.keep
      ? { bytes: buffers.copyBytes(0, count), rowBytes: buffers.rowBytes }
      : undefined;
    const results = await model.predictor.predict(count);
    results.forEach((result, i) => {
      if (typeof result !== "string") rejectRecord(records[i]!, result);
    });
    const { batch: made, eventOf } = builder.build(
      results.map((result) => (typeof result === "string" ? result : undefined)),
      features,
    );
    const lost = await storeAndEmit(made);
    eventOf.forEach((event, row) => {
      if (!lost.has(row)) ends[records[event]!] = End.predicted;
    });
    return lost.size === 0 ? undefined : records[eventOf[Math.min(...lost)]!];
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
    const settled = ends.subarray(0, done);
    metrics.add("Events", done, "Count");
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

  function rejectRecord(i: number, { code, message }: Problem): void {
    const record = batch.records[i]!;
    const { kinesis } = record;
    ends[i] = End.rejected;
    const reject = {
      code,
      message,
      model: deps.model,
      place: batch.placeOf(i),
      partitionKey: kinesis.partitionKey,
      arrivedAt: new Date(arrivalMsOf(record)).toISOString(),
      data: kinesis.data,
    };
    rejects.push({ record: i, reject });
  }
}

function withStoredBodies(made: PredictionBatch, stored: ReadonlyMap<number, string>): PredictionBatch {
  if (stored.size === 0) return made;
  return { ...made, bodies: made.bodies.map((body, row) => stored.get(row) ?? body) };
}

/** How a record ended; 0 where it has not yet. */
const End = { predicted: 1, skipped: 2, rejected: 3 } as const;

function countOf(ends: Uint8Array, end: number): number {
  return ends.reduce((count, each) => (each === end ? count + 1 : count), 0);
}

function arrivalMsOf({ kinesis }: KinesisStreamRecord): number {
  return Math.round(kinesis.approximateArrivalTimestamp * 1000);
}
