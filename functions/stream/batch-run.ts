import type { KinesisStreamRecord } from "aws-lambda";
import type { Reject } from "../contract/reject.ts";
import { InputError } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { joinProblems } from "../core/inference/predict-events.ts";
import type { PredictionBatch } from "../core/prediction/prediction-batch.ts";
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
  let skipped = 0;
  let predicted = 0;
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
      skipped++;
      return;
    }
    const row = builder.count;
    const identity = program.identity.read(fields);
    const encoded = program.encoder.encode(fields, buffers, row);
    if (encoded && !Array.isArray(identity)) {
      const arrivalMs = Math.round(record.kinesis.approximateArrivalTimestamp * 1000);
      builder.add({ identity, arrivalMs, record: i }, () => batch.placeOf(i));
      return;
    }
    const problems = Array.isArray(identity) ? [...identity] : [];
    if (!encoded) problems.push(...program.encoder.explain(fields, buffers, row));
    rejectRecord(i, joinProblems(problems));
  }

  /** Run the model on the rows gathered, then store and emit. */
  async function finishChunk(): Promise<void> {
    const count = builder.count;
    if (count === 0) return;
    const records = Array.from({ length: count }, (_, i) => builder.recordOf(i));
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
    const { emitted, failed } = await storeAndEmit(made);
    predicted += emitted;
    if (failed !== undefined) failedAt = records[eventOf[failed]!]!;
  }

  /** @returns the lowest row that was not written everywhere, if any. */
  async function storeAndEmit(
    made: PredictionBatch,
  ): Promise<{ emitted: number; failed: number | undefined }> {
    const stored = model.package.keep ? await deps.store.put(made) : undefined;
    const existing = stored?.existing;
    const lost = new Set(stored?.failed);
    // What was stored first is what counts, and what consumers get to see.
    const bodies =
      existing === undefined || existing.size === 0
        ? made.bodies
        : made.bodies.map((body, i) => existing.get(i) ?? body);
    for (const row of await deps.predictions.put({ ...made, bodies })) lost.add(row);
    if (lost.size === 0) return { emitted: made.count, failed: undefined };
    deps.metrics.add("DependencyErrors", 1, "Count");
    deps.logger.warn("predictions not written; the batch is delivered again from the lowest of them", {
      rows: lost.size,
      of: made.count,
    });
    return { emitted: made.count - lost.size, failed: Math.min(...lost) };
  }

  /** Write the rejects, count, and say how far the batch is done. */
  async function finish(): Promise<number> {
    const done = failedAt ?? batch.records.length;
    const settled = rejects.filter(({ record }) => record < done);
    const { metrics } = deps;
    metrics.add("Events", done, "Count");
    metrics.add("Predictions", predicted, "Count");
    metrics.add("Skipped", skipped, "Count");
    metrics.add("Rejected", settled.length, "Count");
    for (const { reject } of settled) metrics.add("RejectedByReason", 1, "Count", { Reason: reject.code });
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
    const { kinesis } = batch.records[i]!;
    const arrivedAt = new Date(kinesis.approximateArrivalTimestamp * 1000).toISOString();
    const reject = {
      code,
      message,
      model: deps.model,
      place: batch.placeOf(i),
      partitionKey: kinesis.partitionKey,
      arrivedAt,
      data: kinesis.data,
    };
    rejects.push({ record: i, reject });
  }
}
