import type { EventRecord, EventStream } from "../../core/outcome/event-stream.ts";

/** The events stream as a list. */
export class MemoryEventStream implements EventStream {
  /** Everything put so far, in order; clear it by setting its length to 0. */
  readonly records: EventRecord[] = [];

  async put(records: readonly EventRecord[]): Promise<void> {
    this.records.push(...records);
  }
}
