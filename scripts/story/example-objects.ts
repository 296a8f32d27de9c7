import { gzipSync } from "node:zlib";
import type { MemoryObjectStore } from "../../functions/adapters/memory/memory-object-store.ts";
import { parseExampleKey } from "../../functions/contract/example.ts";
import { isSampled } from "../../functions/core/outcome/example-sample.ts";
import {
  type ExampleBatch,
  type ExampleStore,
  exampleObjects,
} from "../../functions/core/outcome/example-store.ts";

/** Share of the examples that is kept as the bucket has them. */
export const storedShare = 0.1;

/** Examples as objects of the data bucket, one in ten of them: plenty for a version's reference, which is read from there. */
export interface ExampleObjects extends ExampleStore {
  /** Drop objects whose outcomes all are of before `timeMs`. */
  forget(timeMs: number): void;
}

export function createExampleObjects({ objects }: MemoryObjectStore): ExampleObjects {
  return {
    async write(batch: ExampleBatch) {
      const examples = batch.examples.filter(({ predictionId }) => isSampled(predictionId, storedShare));
      for (const { key, lines } of exampleObjects({ ...batch, examples })) {
        const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
        objects.set(key, gzipSync(text, { level: 1 }));
      }
    },
    forget(timeMs) {
      for (const key of [...objects.keys()]) {
        const hour = (parseExampleKey("examples", key) ?? parseExampleKey("early", key))?.hour;
        if (hour !== undefined && Date.parse(`${hour}:59:59Z`) < timeMs) objects.delete(key);
      }
    },
  };
}
