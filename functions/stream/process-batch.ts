import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { markOf } from "../core/state/mark.ts";
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
  const arrivalMs = arrivalMsOf(batch.records[0]!);
  const timing = deps.timer.start(arrivalMs);
  const lagMs = deps.now() - arrivalMs;
  const sketches = deps.sketches?.(batch.range.shard);
  let done = 0;
  try {
    timing.enter("load");
    // Pinned for the whole batch: a move of an alias is noticed by the next one.
    const roles = await deps.roles.read();
    const rivals = [roles.challenger, roles.shadow].flatMap((each) => each?.model ?? []);
    const state = await deps.stateOf(roles.champion, rivals)?.open(batch.range);
    done = await predictBatch({ batch, roles, state, sketches, deps, timing });
    if (roles.shadow !== undefined) await deps.shadows(roles.shadow.model).run(lagMs);
  } catch (error) {
    reportFailure(error, deps);
  }
  const failed = batch.records[done];
  // What is delivered again is counted then.
  await sketches?.flush(failed && markOf(failed.kinesis.sequenceNumber, 0));
  if (done < batch.records.length) deps.metrics.add("Retried", batch.records.length - done, "Count");
  timing.finish();
  deps.memory?.tell();
  deps.metrics.flush();
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
