import { type ShadowBatch, shadowBatch } from "../../contract/shadow.ts";
import type { ShadowQueue } from "../../core/rollout/shadow-queue.ts";

/** Batches in a list, as they come through JSON. */
export class MemoryShadowQueue implements ShadowQueue {
  readonly batches: ShadowBatch[] = [];

  async put(batch: ShadowBatch): Promise<void> {
    this.batches.push(shadowBatch.parse(JSON.parse(JSON.stringify(batch))));
  }
}
