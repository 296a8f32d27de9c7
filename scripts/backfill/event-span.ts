import { secondsOf } from "../../functions/contract/duration.ts";
import { readEvent } from "../../functions/core/inference/event-row.ts";
import type { LoadedModel } from "../../functions/core/inference/loaded-model.ts";
import { blockMsOf } from "../../functions/core/views/view-loading.ts";
import type { PastEvent } from "../archive/archived-object.ts";

/** A span of event time, from an instant on and before another, epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The events that a span is made of: before it those of its windows and of the blocks that begin before it, behind it
 * those of the blocks that end later, and the outcomes of its last predictions.
 */
export function neededSpan({ program, package: pkg }: LoadedModel, { fromMs, toMs }: Span): Span {
  const blocksMs = program.views.views.map((view) => blockMsOf(view, view.topLevel));
  const withinMs = pkg.outcome === undefined ? 0 : secondsOf(pkg.outcome.within) * 1000 + 1;
  return {
    fromMs: Math.min(
      program.views.earliestNeeded(fromMs),
      ...blocksMs.map((blockMs) => Math.floor(fromMs / blockMs) * blockMs),
    ),
    toMs: Math.max(toMs + withinMs, ...blocksMs.map((blockMs) => Math.ceil(toMs / blockMs) * blockMs)),
  };
}

/**
 * Tells events that happened in a span: that ask, feed a view or bring an outcome at a time within it. One that cannot be
 * read, and so is rejected, is taken to have happened when it arrived.
 *
 * Reads events with the model's own reader: not to be called amid a batch.
 */
export function createSpanFilter(
  { program }: LoadedModel,
  { fromMs, toMs }: Span,
): (event: PastEvent) => boolean {
  const { fields } = program.reader;
  const isWithin = (timeMs: number) => timeMs >= fromMs && timeMs < toMs;
  return ({ data, arrivedAtMs }) => {
    if (data === undefined) return false;
    if (readEvent(program, data) !== undefined) return isWithin(arrivedAtMs);
    const asks = program.asks(fields);
    if (asks) {
      const identity = program.identity.read(fields);
      if (isWithin((Array.isArray(identity) ? undefined : identity.timeMs) ?? arrivedAtMs)) return true;
    }
    const feeds = program.views.feedsOf(fields, arrivedAtMs);
    if (Array.isArray(feeds)) return isWithin(arrivedAtMs);
    if (feeds.feeds.some(({ timeMs }) => isWithin(timeMs))) return true;
    if (!program.outcome?.isOutcome(fields)) return false;
    const outcome = program.outcome.read(fields);
    return isWithin((Array.isArray(outcome) ? undefined : outcome.timeMs) ?? arrivedAtMs);
  };
}
