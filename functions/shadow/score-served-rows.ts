import { randomUUID } from "node:crypto";
import type { ModelDigest } from "../contract/ids.ts";
import { storesPredictions } from "../contract/package-problems.ts";
import { type ShadowBatch, shadowBatch } from "../contract/shadow.ts";
import { InvariantError } from "../core/errors.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { keepSecondsOf } from "../core/prediction/keep-seconds.ts";
import { createPredictionBuilder } from "../core/prediction/prediction-builder.ts";
import { markOf } from "../core/state/mark.ts";
import type { ShadowDeps } from "./deps.ts";

/**
 * Make what scores the rows of one invocation by the shadow, and stores what it says beside the answers, without features,
 * where the package says that predictions are stored.
 *
 * It is a sample: what cannot be scored or stored is dropped and counted (`ShadowDropped`), never tried again.
 *
 * @returns never throws.
 */
export function createShadowScorer(deps: ShadowDeps): (event: unknown) => Promise<void> {
  const { model: name, loader, store, metrics, logger, nowMs } = deps;
  // Each environment counts as a writer of its own, so that none waits for another.
  const sketches = deps.sketches?.(`shadow-${randomUUID()}`);
  let counted = 0;

  return async (event) => {
    const parsed = shadowBatch.safeParse(event);
    if (!parsed.success) {
      logger.error("got something else than served rows", { issues: parsed.error.issues });
      return;
    }
    const batch = parsed.data;
    let scored = 0;
    try {
      const digest = batch.digest as ModelDigest;
      loader.keep([digest]);
      const model = await loader.load(digest);
      for await (const count of scoreChunks(model, batch)) scored += count;
      await sketches?.flush();
    } catch (error) {
      logger.warn("the shadow failed; what it was to score is dropped", { digest: batch.digest, error });
    }
    metrics.add("ShadowScored", scored, "Count");
    const dropped = batch.events.length - scored;
    if (dropped > 0) metrics.add("ShadowDropped", dropped, "Count");
  };

  /** @returns per chunk: how many rows were scored and, where they are to be, stored. */
  async function* scoreChunks(model: LoadedModel, batch: ShadowBatch): AsyncGenerator<number> {
    const { buffers } = model;
    const { rowBytes, capacity } = buffers;
    const rows = Buffer.from(batch.rows, "base64");
    if (rows.length !== batch.events.length * rowBytes) {
      throw new InvariantError(
        `served rows: got ${rows.length} bytes for ${batch.events.length} events, expected ${rowBytes} each; send rows of the shadow's own layout`,
      );
    }
    for (let from = 0; from < batch.events.length; from += capacity) {
      const count = buffers.fill(rows.subarray(from * rowBytes, (from + capacity) * rowBytes));
      yield await scoreChunk(model, { ...batch, events: batch.events.slice(from, from + count) });
    }
  }

  async function scoreChunk(
    model: LoadedModel,
    { requestId, arrivalMs, events }: ShadowBatch,
  ): Promise<number> {
    const builder = createPredictionBuilder({
      ...{ model: name, digest: model.digest, role: "shadow", now: deps.now },
      keepSeconds: keepSecondsOf(model.package, deps.keepSeconds),
      placeOf: (i) => ({ stream: "https", shard: requestId, sequenceNumber: String(i), subIndex: 0 }),
    });
    for (const { position, id, timeMs, entity } of events)
      builder.add({ id, timeMs, entity }, arrivalMs, position);
    const tell = sketches?.add({
      ...{ model, role: "shadow", count: events.length },
      timesMs: events.map(({ timeMs }) => timeMs ?? arrivalMs),
      marks: events.map(() => markOf(String(++counted), 0)),
    });
    const startedMs = nowMs();
    const results = await model.predictor.predict(events.length);
    tell?.(results, nowMs() - startedMs);
    const outputs = results.map((result) => (typeof result === "string" ? result : undefined));
    const { batch } = builder.build(outputs, undefined);
    if (!storesPredictions(model.package)) return batch.count;
    const { failed } = await store.put(batch);
    return batch.count - failed.length;
  }
}
