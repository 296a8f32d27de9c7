/** An instant as the flights' events write it: ISO 8601, UTC, whole seconds, e.g. `2001-01-31T06:44:00Z`. */
export function instantText(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");
}
