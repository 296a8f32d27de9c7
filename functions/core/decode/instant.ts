/** Numbers from here on are milliseconds since the epoch, below it seconds: 1e11 s is the year 5138, 1e11 ms March 1973. */
const leastMilliseconds = 1e11;
const maxMs = 8.64e15;

/**
 * Read an instant: ISO 8601 text, or a number of seconds or milliseconds since the epoch.
 *
 * Text is `YYYY-MM-DD`, then optionally `T` or a space and `hh:mm[:ss[.fraction]]`, then optionally `Z` or an
 * offset `±hh[:]mm`. Without a zone it is UTC. Fractions are cut to milliseconds; a leap second is read as the
 * last second of its minute.
 *
 * @returns milliseconds since the epoch, or NaN where the value is no instant.
 */
export function parseInstant(value: string | number): number {
  if (typeof value === "number") {
    const ms = Math.floor(Math.abs(value) >= leastMilliseconds ? value : value * 1000);
    return Math.abs(ms) <= maxMs ? ms : Number.NaN;
  }
  const date = parseDate(value);
  if (value.length === 10) return date;
  const separator = value.charCodeAt(10);
  if (separator !== 84 && separator !== 116 && separator !== 32) return Number.NaN;
  return date + parseTimeOfDay(value);
}

/** Days since the epoch of a Gregorian date, by the usual shift of the year to March. */
function parseDate(text: string): number {
  if (text.length < 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * 86_400_000;
}

function parseTimeOfDay(text: string): number {
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (!(hour <= 23 && minute <= 59) || text.charCodeAt(13) !== 58) return Number.NaN;
  let at = 16;
  let ms = (hour * 60 + minute) * 60_000;
  if (text.charCodeAt(at) === 58) {
    const second = digits(text, 17, 2);
    if (!(second <= 60)) return Number.NaN;
    ms += Math.min(second, 59) * 1000;
    at = 19;
    const mark = text.charCodeAt(at);
    if (mark === 46 || mark === 44) {
      const start = ++at;
      while (isDigit(text.charCodeAt(at))) at++;
      if (at === start) return Number.NaN;
      for (let digit = start, unit = 100; digit < at && unit >= 1; digit++, unit /= 10)
        ms += (text.charCodeAt(digit) - 48) * unit;
    }
  }
  return ms - parseZone(text, at);
}

/** Offset from UTC in milliseconds; 0 where there is none. */
function parseZone(text: string, at: number): number {
  if (at === text.length) return 0;
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) return at + 1 === text.length ? 0 : Number.NaN;
  if (sign !== 43 && sign !== 45) return Number.NaN;
  const hour = digits(text, at + 1, 2);
  const minuteAt = text.charCodeAt(at + 3) === 58 ? at + 4 : at + 3;
  const minute = text.length === at + 3 ? 0 : digits(text, minuteAt, 2);
  const end = text.length === at + 3 ? at + 3 : minuteAt + 2;
  if (!(hour <= 23 && minute <= 59) || end !== text.length) return Number.NaN;
  return (sign === 43 ? 1 : -1) * (hour * 60 + minute) * 60_000;
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/** The `count` decimal digits at `start` as a number; NaN where one is missing. */
function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + (code - 48);
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
