import type { ArchivedRange } from "../../contract/archived-event.ts";

/** Where every event of the stream is kept. */
export interface ArchiveStore {
  /**
   * Write one object, or the same one anew.
   *
   * @param range - what it covers; names it.
   * @param lines - gzip NDJSON of archived events, in stream order.
   * @throws {DependencyError} when the store cannot be reached.
   */
  write(range: ArchivedRange, lines: Uint8Array): Promise<void>;
}
