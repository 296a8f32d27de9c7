/** Tells people. */
export interface Notices {
  /**
   * @param notice - `subject`: at most 100 ASCII characters; `text`: lines, at most 256 KiB.
   * @throws {DependencyError} when it cannot be told; it may have been told all the same.
   */
  send(notice: { readonly subject: string; readonly text: string }): Promise<void>;
}
