import { type Reject, rejectKey } from "../../contract/reject.ts";
import type { RejectedBatch, RejectStore } from "../../core/reject/reject-store.ts";

/** Rejects in a map from S3 key to what that object holds. */
export class MemoryRejectStore implements RejectStore {
  readonly objects = new Map<string, readonly Reject[]>();

  /** Every reject of every object, in the order of writing. */
  get rejects(): readonly Reject[] {
    return [...this.objects.values()].flat();
  }

  async write(batch: RejectedBatch): Promise<void> {
    if (batch.rejects.length === 0) return;
    this.objects.set(rejectKey(batch), structuredClone(batch.rejects));
  }
}
