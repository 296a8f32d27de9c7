import type { Example } from "../../functions/contract/example.ts";
import type { ExampleBatch, ExampleStore } from "../../functions/core/outcome/example-store.ts";
import type { Span } from "./event-span.ts";

export interface ExampleWriter {
  /** Examples written or waiting. */
  readonly count: number;
  add(batch: ExampleBatch): Promise<void>;
  /** Write what waits. */
  end(): Promise<void>;
}

/** Gathered until so many are there: a batch of the past may make few, and an object each would be many. */
const maxWaiting = 5000;

interface Waiting {
  readonly first: string;
  last: string;
  readonly examples: Example[];
}

/**
 * Write examples of predictions made in a span of event time.
 *
 * Objects are named by the version beside the shard, so that none takes the place of what was served live.
 */
export function createExampleWriter(
  store: ExampleStore,
  { model, digest, fromMs, toMs }: Span & { readonly model: string; readonly digest: string },
): ExampleWriter {
  const waiting = new Map<string, Waiting>();
  let waitingCount = 0;
  let count = 0;
  return {
    get count() {
      return count;
    },
    async add({ shard, first, last, examples }) {
      const wanted = examples.filter(({ eventTime }) => {
        const timeMs = Date.parse(eventTime);
        return timeMs >= fromMs && timeMs < toMs;
      });
      if (wanted.length === 0) return;
      const ofShard = waiting.get(shard) ?? { first, last, examples: [] };
      ofShard.last = last;
      ofShard.examples.push(...wanted);
      waiting.set(shard, ofShard);
      count += wanted.length;
      waitingCount += wanted.length;
      if (waitingCount >= maxWaiting) await end();
    },
    end,
  };

  async function end(): Promise<void> {
    for (const [shard, { first, last, examples }] of waiting) {
      const name = `backfill-${digest.slice(0, 12)}-${shard}`;
      await store.write({ model, shard: name, first, last, examples, early: [] });
    }
    waiting.clear();
    waitingCount = 0;
  }
}
