import type { ModelDigest } from "../../contract/ids.ts";
import { type LayoutStore, layoutKey } from "../../core/outcome/layout-store.ts";
import { parseLayout, type StoredLayout } from "../../core/outcome/stored-layout.ts";

/** Layouts of published versions in a map from S3 key to bytes. */
export class MemoryLayoutStore implements LayoutStore {
  /** What is stored, by key; open to tests that damage it. */
  readonly objects = new Map<string, Uint8Array>();

  async read(model: string, digest: ModelDigest): Promise<StoredLayout | undefined> {
    const key = layoutKey(model, digest);
    const bytes = this.objects.get(key);
    return bytes && parseLayout(bytes, key);
  }

  async write(model: string, digest: ModelDigest, layout: StoredLayout): Promise<void> {
    this.objects.set(layoutKey(model, digest), Buffer.from(JSON.stringify(layout)));
  }
}
