/** Write a size in the decimal unit that suits it, e.g. `46.2 MB`. */
export function formatBytes(sizeBytes: number): string {
  if (sizeBytes >= 1e6) return `${(sizeBytes / 1e6).toFixed(1)} MB`;
  return sizeBytes >= 1e3 ? `${(sizeBytes / 1e3).toFixed(1)} kB` : `${sizeBytes} B`;
}
