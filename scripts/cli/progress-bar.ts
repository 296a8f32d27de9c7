/** Draw a share of one as blocks, an eighth of a column exact: `███████▌       `. */
export function progressBar(ratio: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(ratio, 0), 1) * width * 8);
  const full = "█".repeat(eighths >>> 3);
  return `${full}${["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths & 7]}`.padEnd(width);
}
