import type { LoadedModel } from "../core/inference/loaded-model.ts";
import type { Companion } from "./companion.ts";

/**
 * A companion that is given the answering version's own rows, to the byte: events are neither decoded nor encoded again.
 *
 * @param waiting - rows that stand in its buffers from before.
 */
export function createTwin(model: LoadedModel, waiting = 0): Companion {
  const { buffers } = model;
  let wanted: number[] = [];
  let count = waiting;
  return {
    model,
    isTwin: true,
    get count() {
      return count;
    },
    get isFull() {
      return count + wanted.length >= buffers.capacity;
    },
    take({ row }) {
      if (row !== undefined) wanted.push(row);
    },
    async fill(answering) {
      const rows = new Map<number, number>();
      for (const row of wanted) {
        buffers.copyFrom(answering, row, count);
        rows.set(row, count++);
      }
      wanted = [];
      return rows;
    },
    clear() {
      count = 0;
    },
    save: async () => undefined,
    followed() {},
  };
}
