import { instantOf, wallTime } from "./time-zone.ts";

/** The six fields of AWS's cron expressions, each as what it lets through. */
export interface CronExpression {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** Of a day at midnight UTC, as epoch milliseconds. */
  readonly matchesDay: (dayMs: number) => boolean;
  readonly matchesMonth: (month: number) => boolean;
  readonly matchesYear: (year: number) => boolean;
}

/**
 * Read `minutes hours day-of-month month day-of-week year`.
 *
 * @param text - what stands between the brackets of `cron(…)`.
 * @throws {RangeError} naming the field.
 * @see Amazon EventBridge Scheduler user guide, "Schedule types", cron-based schedules
 */
export function parseCron(text: string): CronExpression {
  const fields = text.trim().split(/\s+/);
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if (fields.length !== 6) {
    throw new RangeError(
      `cron: got ${fields.length} fields, expected six: minutes hours day-of-month month day-of-week year`,
    );
  }
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new RangeError(
      `cron: got "${dayOfMonth}" and "${dayOfWeek}" for the day of the month and of the week, expected ? for one of them`,
    );
  }
  const months = new Set(numbersOf(month, { name: "month", low: 1, high: 12, names: monthNames }));
  const years = new Set(numbersOf(year, { name: "year", low: 1970, high: lastYear }));
  return {
    minutes: numbersOf(minutes, { name: "minutes", low: 0, high: 59 }),
    hours: numbersOf(hours, { name: "hours", low: 0, high: 23 }),
    matchesDay: dayOfWeek === "?" ? daysOfMonth(dayOfMonth) : daysOfWeek(dayOfWeek),
    matchesMonth: (each) => months.has(each),
    matchesYear: (each) => years.has(each),
  };
}

/**
 * The first instant after another that an expression names on the clocks of a time zone.
 *
 * A time that the clocks skip is skipped; one that they show twice counts once, the first time.
 *
 * @returns undefined when there is none until the end of 2199.
 */
export function nextCron(cron: CronExpression, afterMs: number, timeZone: string): number | undefined {
  const from = new Date(wallTime(afterMs, timeZone) - clockChangeMs);
  let day = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()));
  while (day.getUTCFullYear() <= lastYear) {
    const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
    if (!cron.matchesYear(year)) day = new Date(Date.UTC(year + 1, 0));
    else if (!cron.matchesMonth(month + 1)) day = new Date(Date.UTC(year, month + 1));
    else {
      const found = cron.matchesDay(day.getTime())
        ? nextOnDay(cron, day.getTime(), { from, afterMs, timeZone })
        : undefined;
      if (found !== undefined) return found;
      day = new Date(day.getTime() + dayMs);
    }
  }
  return undefined;
}

const dayMs = 86_400_000;
const lastYear = 2199;
/** By more than clocks are ever put back. */
const clockChangeMs = 3 * 3_600_000;
const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function nextOnDay(
  { hours, minutes }: CronExpression,
  midnightMs: number,
  { from, afterMs, timeZone }: { readonly from: Date; readonly afterMs: number; readonly timeZone: string },
): number | undefined {
  for (const hour of hours) {
    for (const minute of minutes) {
      const wallMs = midnightMs + (hour * 60 + minute) * 60_000;
      if (wallMs < from.getTime()) continue;
      const instantMs = instantOf(wallMs, timeZone);
      if (instantMs !== undefined && instantMs > afterMs) return instantMs;
    }
  }
  return undefined;
}

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** Of `low` and what follows. */
  readonly names?: readonly string[];
}

/** The numbers that a field of lists, ranges and steps names, ascending. */
function numbersOf(text: string, field: Field): number[] {
  const named = text.split(",").flatMap((part) => {
    const [, range = "", step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    if (step !== undefined && Number(step) < 1) throw malformed(part, field);
    const [from, to] = rangeOf(range, field, step !== undefined);
    const count = Math.floor((to - from) / Number(step ?? 1)) + 1;
    return Array.from({ length: count }, (_, index) => from + index * Number(step ?? 1));
  });
  return [...new Set(named)].sort((a, b) => a - b);
}

/** `*`, `5`, `1-5` or names; `5/10` begins at 5 and goes to the end. */
function rangeOf(text: string, field: Field, hasStep: boolean): readonly [number, number] {
  if (text === "*") return [field.low, field.high];
  const [first = "", last, ...rest] = text.split("-");
  const from = numberOf(first, field);
  const to = last === undefined ? (hasStep ? field.high : from) : numberOf(last, field);
  if (rest.length > 0 || to < from) throw malformed(text, field);
  return [from, to];
}

function numberOf(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? field.low + named : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.low && value <= field.high)) throw malformed(text, field);
  return value;
}

function malformed(text: string, { name, low, high }: Field): RangeError {
  return new RangeError(
    `cron: got "${text}" for ${name}, expected numbers from ${low} to ${high} with , - * and /`,
  );
}

/** `L` is the last day, `15W` the weekday nearest to the 15th in its month, `LW` the last weekday. */
function daysOfMonth(text: string): (dayMs: number) => boolean {
  if (text === "L") return (each) => dayOf(each) === lengthOfMonth(each);
  if (text === "LW") return (each) => dayOf(each) === nearestWeekday(each, lengthOfMonth(each));
  const field = { name: "the day of the month", low: 1, high: 31 };
  const near = /^(\d+)W$/.exec(text)?.[1];
  if (near !== undefined) {
    const wanted = numberOf(near, field);
    return (each) => wanted <= lengthOfMonth(each) && dayOf(each) === nearestWeekday(each, wanted);
  }
  const days = new Set(numbersOf(text, field));
  return (each) => days.has(dayOf(each));
}

/** `6L` is the last Friday of the month, `3#2` its second Tuesday; 1 is Sunday. */
function daysOfWeek(text: string): (dayMs: number) => boolean {
  const field = { name: "the day of the week", low: 1, high: 7, names: dayNames };
  const weekdayOf = (each: number) => new Date(each).getUTCDay() + 1;
  const last = /^(.+)L$/.exec(text)?.[1];
  if (text === "L") return (each) => weekdayOf(each) === 7;
  if (last !== undefined) {
    const wanted = numberOf(last, field);
    return (each) => weekdayOf(each) === wanted && dayOf(each) > lengthOfMonth(each) - 7;
  }
  const [, named, which] = /^(.+)#([1-5])$/.exec(text) ?? [];
  if (named !== undefined) {
    const wanted = numberOf(named, field);
    return (each) => weekdayOf(each) === wanted && Math.ceil(dayOf(each) / 7) === Number(which);
  }
  const days = new Set(numbersOf(text, field));
  return (each) => days.has(weekdayOf(each));
}

function dayOf(dayMs: number): number {
  return new Date(dayMs).getUTCDate();
}

function lengthOfMonth(dayMs: number): number {
  const day = new Date(dayMs);
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** Saturdays go back to Friday and Sundays on to Monday, but never into another month. */
function nearestWeekday(dayMs: number, wanted: number): number {
  const day = new Date(dayMs);
  const weekday = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), wanted)).getUTCDay();
  if (weekday === 6) return wanted === 1 ? 3 : wanted - 1;
  if (weekday === 0) return wanted === lengthOfMonth(dayMs) ? wanted - 2 : wanted + 1;
  return wanted;
}
