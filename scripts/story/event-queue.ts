import type { PastEvent } from "../archive/archived-object.ts";

/** Events that are taken up to one time after another. */
export interface EventQueue {
  /** The events that arrive before a time and were not taken before, in their order. */
  until(timeMs: number): AsyncGenerator<PastEvent>;
}

/** @param events - in the order of their arrival. */
export function createEventQueue(events: AsyncIterable<PastEvent>): EventQueue {
  const source = events[Symbol.asyncIterator]();
  let next: PastEvent | undefined;
  let isOver = false;
  return {
    async *until(timeMs) {
      for (;;) {
        if (next === undefined) {
          if (isOver) return;
          const { done, value } = await source.next();
          if (done) {
            isOver = true;
            return;
          }
          next = value;
        }
        if (next.arrivedAtMs >= timeMs) return;
        const event = next;
        next = undefined;
        yield event;
      }
    },
  };
}
