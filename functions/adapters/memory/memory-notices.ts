import type { Notices } from "../../core/train/loop/notices.ts";

/** Notices in a list. */
export class MemoryNotices implements Notices {
  readonly sent: { readonly subject: string; readonly text: string }[] = [];

  async send(notice: { readonly subject: string; readonly text: string }): Promise<void> {
    this.sent.push(notice);
  }
}
