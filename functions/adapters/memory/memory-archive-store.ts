import { type ArchivedRange, archiveKey } from "../../contract/archived-event.ts";
import type { ArchiveStore } from "../../core/archive/archive-store.ts";

/** The archive in a map from S3 key to gzip NDJSON. */
export class MemoryArchiveStore implements ArchiveStore {
  readonly objects = new Map<string, Uint8Array>();

  async write(range: ArchivedRange, lines: Uint8Array): Promise<void> {
    this.objects.set(archiveKey(range), lines.slice());
  }
}
