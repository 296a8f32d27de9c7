import { InvariantError } from "../../functions/core/errors.ts";
import { arrivalMsOf } from "../../functions/stream/delivered-batch.ts";
import { processDelivered } from "../../functions/stream/process-batch.ts";
import { pastBatches } from "../backfill/past-batches.ts";
import type { EventQueue } from "./event-queue.ts";
import type { StoryStage } from "./story-stage.ts";

export interface Serving {
  readonly stage: StoryStage;
  readonly queue: EventQueue;
  /** Told after each batch. */
  readonly onProgress?: ((nowMs: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Events of a batch. Who serves is asked between batches; aliases move only between calls, where a batch ends anyway. */
const maxEvents = 1024;
/** A shadow scores once a batch, as many rows as its buffers hold. */
const maxEventsBeside = 256;
const forgetEveryMs = 6 * 3_600_000;

/**
 * Serve all that arrives before a time, by the stream function; then it is that time.
 *
 * @throws {InvariantError} when a batch cannot be done: everything is in memory, so that no retry would help.
 */
export async function serveUntil(
  untilMs: number,
  { stage, queue, onProgress, signal }: Serving,
): Promise<void> {
  const { clock, ledger, model } = stage;
  const aliases = (await ledger.latest(model))?.aliases;
  const isTried = aliases?.challenger !== undefined || aliases?.shadow !== undefined;
  const deps = stage.streamDeps(isTried);
  let forgottenMs = clock.now();
  for await (const batch of pastBatches(queue.until(untilMs), {
    maxEvents: isTried ? maxEventsBeside : maxEvents,
  })) {
    signal?.throwIfAborted();
    clock.moveTo(arrivalMsOf(batch.records[0]!));
    const { batchItemFailures } = await processDelivered(batch, deps);
    if (batchItemFailures.length > 0) {
      throw new InvariantError(
        `story of "${model}": failed at record ${batchItemFailures[0]!.itemIdentifier}`,
        { cause: stage.failures.at(-1) },
      );
    }
    if (clock.now() - forgottenMs >= forgetEveryMs) {
      forgottenMs = clock.now();
      stage.tiles.forget(forgottenMs / 1000);
      stage.sketches.forget(forgottenMs / 1000);
    }
    onProgress?.(clock.now());
  }
  clock.moveTo(untilMs);
}
