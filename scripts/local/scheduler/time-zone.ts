/**
 * The instant at which a clock on the wall of a time zone shows a time.
 *
 * @param wallMs - the time on the wall, as the epoch milliseconds of the same digits in UTC.
 * @returns the first of two instants when clocks are put back, and undefined for a time that they skip.
 */
export function instantOf(wallMs: number, timeZone: string): number | undefined {
  const offsets = new Set([wallMs - dayMs, wallMs + dayMs].map((near) => wallTime(near, timeZone) - near));
  const instants = [...offsets].map((offsetMs) => wallMs - offsetMs);
  return instants.sort((a, b) => a - b).find((instantMs) => wallTime(instantMs, timeZone) === wallMs);
}

/** What a clock on the wall of a time zone shows at an instant, as the epoch milliseconds of the same digits in UTC. */
export function wallTime(instantMs: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instantMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((instantMs % 1000) + 1000) % 1000);
}

/** Whether it is a name that the time zone database knows. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatOf(timeZone);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Kept, because making one costs far more than using it. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const digits = {
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  } as const;
  const format = new Intl.DateTimeFormat("en-US", { ...digits, timeZone, year: "numeric", hourCycle: "h23" });
  formats.set(timeZone, format);
  return format;
}
