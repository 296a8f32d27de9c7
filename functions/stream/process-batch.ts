import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { type RunOptions, startRun } from "./batch-run.ts";
import { arrivalMsOf, type DeliveredBatch, openBatch } from "./delivered-batch.ts";
import { reportFailure, type StreamDeps } from "./deps.ts";
import { plain } from "./event-log.ts";

/** Predict on one batch of a shard, as Lambda delivers it. @see processDelivered */
export async function processBatch(
  event: KinesisStreamEvent,
  deps: StreamDeps,
): Promise<KinesisStreamBatchResponse> {
  return await processDelivered(openBatch(event), deps);
}

/**
 * Predict on one batch of a shard.
 *
 * Every event ends handled, skipped or rejected, or it is reported, with everything behind it, to be delivered again.
 * Never throws: what fails outside is reported from the lowest event that is not wholly done.
 */
export async function processDelivered(
  batch: DeliveredBatch,
  deps: StreamDeps,
): Promise<KinesisStreamBatchResponse> {
  const timing = deps.timer.start(arrivalMsOf(batch.records[0]!));
  let done = 0;
  try {
    timing.enter("load");
    // Pinned for the whole batch: a move of the alias is noticed by the next one.
    const model = await deps.loader.load(await deps.champion.read());
    const state = await deps.stateOf(model)?.open(batch.range);
    done = await predictBatch({ batch, model, state, deps, timing });
  } catch (error) {
    reportFailure(error, deps);
  }
  if (done < batch.records.length) deps.metrics.add("Retried", batch.records.length - done, "Count");
  timing.finish();
  deps.metrics.flush();
  const failed = batch.records[done];
  return {
    batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed.kinesis.sequenceNumber }],
  };
}

/** @returns how many records from the first on are wholly done. */
async function predictBatch(options: RunOptions): Promise<number> {
  const { batch } = options;
  const run = startRun(options);
  for (let i = 0; i < batch.records.length && !run.hasFailed(); i++) {
    const parts = run.partsOf(i);
    if (parts === undefined) {
      run.take(i, plain);
      if (run.isChunkFull()) await run.finishChunk();
      continue;
    }
    for (let subIndex = 0; subIndex < parts.length && !run.hasFailed(); subIndex++) {
      const part = parts[subIndex];
      if (part === undefined) continue;
      run.take(i, subIndex, part);
      if (run.isChunkFull()) await run.finishChunk();
    }
  }
  if (!run.hasFailed()) await run.finishChunk();
  return await run.finish();
}
