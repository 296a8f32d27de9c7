import * as z from "zod/mini";

/** A span of time: a whole number with s, m, h or d behind it, from "1s" to `greatest`. */
export function duration(greatest: string) {
  return z.string().check(
    z.regex(/^[1-9][0-9]{0,6}[smhd]$/, 'must be a whole number with s, m, h or d behind it, such as "10m"'),
    z.refine((text) => secondsOf(text) <= secondsOf(greatest), `must be at most ${greatest}`),
  );
}

/** Seconds in a duration. */
export function secondsOf(text: string): number {
  const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
  return Number.parseInt(text, 10) * seconds[text.slice(-1)]!;
}
