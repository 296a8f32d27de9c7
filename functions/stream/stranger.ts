import { encodeRow, isProblem, readEvent } from "../core/inference/event-row.ts";
import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { Feeds, LookupKeys } from "../core/views/view-program.ts";
import type { Companion, PassedEvent } from "./companion.ts";
import type { FollowerState } from "./model-state.ts";

/**
 * A companion with features of its own: it reads every event itself, and keeps the views that the answering version has not.
 *
 * @param state - undefined where no version keeps any.
 * @param waiting - rows that stand in its buffers from before.
 */
export function createStranger(model: LoadedModel, state: FollowerState | undefined, waiting = 0): Companion {
  const { buffers, program } = model;
  let wanted = new Map<number, number | undefined>();
  let count = waiting;
  return {
    model,
    isTwin: false,
    get count() {
      return count;
    },
    get isFull() {
      return count >= buffers.capacity;
    },
    take,
    async fill() {
      const refused = await state?.windows.fill(buffers);
      const rows = wanted;
      wanted = new Map();
      for (const [row, own] of rows) if (own !== undefined && refused?.has(own)) rows.set(row, undefined);
      return rows;
    },
    clear() {
      count = 0;
    },
    save: async (before) => await state?.save(before),
    followed: (mark) => state?.followed(mark),
  };

  function take({ source, mark, row, arrivalMs, newestMs }: PassedEvent): void {
    if (readEvent(program, source) !== undefined) {
      if (row !== undefined) wanted.set(row, undefined);
      return;
    }
    const { fields } = program.reader;
    const feeds = program.views.feedsOf(fields, arrivalMs);
    const lookups = row === undefined ? noLookups : program.views.lookupsOf(fields);
    const identity = row === undefined ? undefined : encodeRow(program, buffers, count);
    const fits = identity !== undefined && !isProblem(identity) && !Array.isArray(lookups);
    const own = fits ? count++ : undefined;
    if (row !== undefined) wanted.set(row, own);
    // What feeds its views feeds them whether or not it can predict on the event.
    state?.windows.add({
      feeds: Array.isArray(feeds) ? [] : (feeds as Feeds).feeds,
      lookups: fits ? (lookups as LookupKeys).keys : [],
      ...{ mark, row: own, newestMs },
      askedMs: (fits ? identity.timeMs : undefined) ?? arrivalMs,
    });
  }
}

const noLookups: LookupKeys = { keys: [] };
