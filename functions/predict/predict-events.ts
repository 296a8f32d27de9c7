import { storesPredictions } from "../contract/package-problems.ts";
import { DependencyError, type ErrorCode } from "../core/errors.ts";
import type { Problem } from "../core/features/column.ts";
import { encodeRow, isProblem, joinProblems, readEvent, writeWindows } from "../core/inference/event-row.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import { keepSecondsOf } from "../core/prediction/keep-seconds.ts";
import { createPredictionBuilder } from "../core/prediction/prediction-builder.ts";
import type { Ask } from "../core/views/view-batch.ts";
import type { PredictDeps } from "./deps.ts";

/** What answers a request that takes whole events. */
export interface EventsRequest {
  readonly model: LoadedModel;
  readonly deps: Pick<PredictDeps, "model" | "store" | "viewsOf" | "metrics" | "keepSeconds" | "now">;
  /** Stands in the ids of predictions on events that have none. */
  readonly requestId: string;
}

/**
 * Predict on whole events, as the stream function does: the same features, identity and prediction ids, stored when
 * the package says so, and what was stored first is what counts.
 *
 * `predictOn` is not asked: who sends an event here wants a prediction of it. An event without an id gets one of
 * `https/<request id>/<position>/0`, so sending it again makes another prediction.
 *
 * @param events - one event's bytes each.
 * @returns per event, in order, the JSON text of its prediction, or of `{"error": {code, message}}`.
 * @throws {DependencyError} when every event failed for something outside; no answer is worth keeping then.
 */
export async function predictEvents(events: readonly Buffer[], request: EventsRequest): Promise<string[]> {
  const { model, deps, requestId } = request;
  const { program, buffers } = model;
  const isStored = storesPredictions(model.package);
  const windows = new Float64Array(program.views.windows.length);
  const views = await deps.viewsOf(model);
  /** What the events of the chunk look up, by row. */
  let asks: Ask[] = [];
  const answers: string[] = new Array(events.length);
  const arrivalMs = deps.now();
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
    if (builder.count === buffers.capacity) await finishChunk();
  }
  await finishChunk();
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
    const lookups = program.views.lookupsOf(program.reader.fields);
    if (Array.isArray(lookups)) {
      reject(i, joinProblems(lookups));
      return;
    }
    asks.push({ keys: lookups.keys, timeMs: identity.timeMs ?? arrivalMs });
    builder.add(identity, arrivalMs, i);
  }

  /** Read the windows of the chunk's events into their rows. @returns rows whose windows the model cannot take */
  async function fillWindows(): Promise<ReadonlyMap<number, Problem>> {
    const chunk = asks;
    asks = [];
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
    const count = builder.count;
    if (count === 0) return;
    const positions = Array.from({ length: count }, (_, i) => builder.positionOf(i));
    const refused = await fillWindows();
    const features = isStored
      ? { bytes: buffers.copyBytes(0, count), rowBytes: buffers.rowBytes }
      : undefined;
    const predicted = await model.predictor.predict(count);
    const results = predicted.map((result, row) => refused.get(row) ?? result);
    const { batch, eventOf } = builder.build(
      results.map((result) => (typeof result === "string" ? result : undefined)),
      features,
    );
    results.forEach((result, i) => {
      if (refused.has(i)) reject(positions[i]!, refused.get(i)!);
      // The runtime's own words are not for callers.
      else if (typeof result !== "string") {
        reject(positions[i]!, {
          code: result.code,
          message: "the model fails on this event; correct its values",
        });
      }
    });
    const stored = isStored ? await deps.store.put(batch) : undefined;
    eventOf.forEach((event, row) => {
      answers[positions[event]!] = stored?.existing.get(row) ?? batch.bodies[row]!;
    });
    for (const row of stored?.failed ?? []) {
      answers[positions[eventOf[row]!]!] = errorText(notStored());
      lost++;
    }
    deps.metrics.add("Predictions", batch.count - (stored?.failed.length ?? 0), "Count");
    if (stored !== undefined && stored.failed.length > 0) deps.metrics.add("DependencyErrors", 1, "Count");
  }

  function reject(i: number, problem: Problem): void {
    answers[i] = errorText(problem);
    deps.metrics.add("Rejected", 1, "Count");
    deps.metrics.add("RejectedByReason", 1, "Count", { Reason: problem.code });
  }
}

function errorText({ code, message }: { readonly code: ErrorCode; readonly message: string }): string {
  return JSON.stringify({ error: { code, message } });
}

function notStored(): DependencyError {
  return new DependencyError("the prediction could not be stored, and only stored ones count; try again", {
    code: "dependency.unavailable",
  });
}
