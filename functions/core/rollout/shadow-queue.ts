import type { ShadowBatch } from "../../contract/shadow.ts";

/** Hands rows that were served to a model's shadow function, which scores them in its own time. */
export interface ShadowQueue {
  /**
   * Hand over one batch; done once it is taken, not once it is scored.
   *
   * @param signal - gives it up.
   * @throws {DependencyError} where it was not taken.
   */
  put(batch: ShadowBatch, signal: AbortSignal): Promise<void>;
}
