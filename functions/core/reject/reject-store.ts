import type { Reject } from "../../contract/reject.ts";

/** Where events go whose content is at fault. */
export interface RejectStore {
  /**
   * Write the rejects of one batch as one object.
   *
   * @param batch - what the batch covered; names the object, so a redelivered batch writes the same one.
   * @throws {DependencyError} when the store cannot be reached; the caller reports the events as not done.
   */
  write(batch: RejectedBatch): Promise<void>;
}

export interface RejectedBatch {
  readonly model: string;
  /** Name of the stream, without the ARN round it. */
  readonly stream: string;
  readonly shard: string;
  /** First and last sequence number of the whole batch. */
  readonly first: string;
  readonly last: string;
  readonly rejects: readonly Reject[];
}
